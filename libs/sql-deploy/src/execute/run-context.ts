import type { LedgerRow } from '../plan/ledger-state.ts';
import type { PlanStep } from '../plan/plan.ts';
import type { Script } from '../sql/script.ts';
import type { TargetFacts } from '../target/facts.ts';
import type { Session } from '../target/session.ts';
import type { Cancellation } from './cancellation.ts';
import type { GroupContext } from './group.ts';
import type { DeployOptions } from './options.ts';
import type { Failure } from './report.ts';

/** A step of the plan with what the parser knows of it. */
export interface Step extends PlanStep {
  readonly script: Script;
  /** From 1, among the steps of this run. */
  readonly number: number;
}

/** What the steps of one run share, and what has become of them so far. */
export interface RunContext {
  readonly options: DeployOptions;
  readonly session: Session;
  readonly facts: TargetFacts;
  readonly cancellation: Cancellation;
  readonly total: number;
  /** Changes when a file makes or drops the older script's table. */
  group: GroupContext;
  readonly applied: string[];
  /** The ledger's rows of those of `applied` that gave theirs back. */
  readonly entered: LedgerRow[];
  readonly failures: Failure[];
  /** Paths of files that were found to change the session, and are run guarded. */
  readonly guarded: Set<string>;
  /** The transaction that first marked a REINDEX of a file (by path) as under way, in this run or an interrupted one. */
  readonly reindexMarks: Map<string, string>;
}

/** A failed attempt at a step, before it is decided whether to try again. */
export interface FailedAttempt {
  readonly step: Step;
  readonly error: Error;
  /** Byte offset in the file, or null. */
  readonly byteOffset: number | null;
}

/** Notes a finished step and says so. */
export function stepFinished(run: RunContext, step: Step, durationMs: number): void {
  run.applied.push(step.file.path);
  run.options.onEvent?.({
    type: 'step_finished',
    path: step.file.path,
    index: step.number,
    total: run.total,
    durationMs: Math.round(durationMs * 1000) / 1000,
  });
}

export function stepStarted(run: RunContext, step: Step): void {
  run.options.onEvent?.({ type: 'step_started', path: step.file.path, index: step.number, total: run.total });
}
