import type { RunEvent } from '@postgres-manager/sql-deploy';
import type { SignalName } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import type { RunRecord } from '../run-record.ts';
import type { Paint } from './paint.ts';

/** A signal came. `nth` is 1 for the first, which cancels the run, and 2 for the one that ends the waiting. */
export interface SignalEvent {
  readonly type: 'signal';
  readonly signal: SignalName;
  readonly nth: 1 | 2;
  /** Files applied so far, as far as this process knows. */
  readonly applied: readonly string[];
  readonly running: readonly string[];
}

/** Something that a service told, or that happened on the way to it. */
export interface ServiceEvent {
  readonly type: 'service';
  /** What a program reads. */
  readonly json: object;
  /** The line a person reads; null for none. */
  readonly line: (paint: Paint) => string | null;
}

export type ProgressEvent = RunEvent | SignalEvent | ServiceEvent;

/** Tells what happens. One for terminals, one for logs, one for programs. */
export interface Reporter {
  /** Tells of an event; `record` has it entered already. */
  event(event: ProgressEvent, record: RunRecord): void;
  /** Tells how it ended, and resolves once everything is written out. */
  finish(outcome: Outcome): Promise<void>;
}
