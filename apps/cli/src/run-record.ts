import type { RunEvent } from '@postgres-manager/sql-deploy';
import type { Paint } from './output/paint.ts';

/** A file under way. */
export interface RunningStep {
  readonly path: string;
  readonly startedAt: number;
  /** Which statement is running, where the library tells; 0 and 0 where not. */
  readonly statement: number;
  readonly statements: number;
}

/** What is known of a run from its events so far. */
export interface RunRecord {
  readonly startedAt: number;
  /** What the run waits for before its first step; null when it waits for nothing. */
  readonly waitingFor: string | null;
  readonly total: number;
  readonly finished: readonly string[];
  readonly failed: readonly string[];
  /** In the order they were started: several may share a round trip. */
  readonly running: readonly RunningStep[];
  /** What is drawn in place of the one line that shows where a run stands; lines no wider than `columns`. */
  readonly picture?: (columns: number, paint: Paint) => readonly string[];
}

/** A record that events are entered into. Times are of the clock that `now` reads, in milliseconds. */
export class RunRecorder implements RunRecord {
  readonly startedAt: number;
  waitingFor: string | null = 'connecting';
  total = 0;
  readonly finished: string[] = [];
  readonly failed: string[] = [];
  readonly #running = new Map<string, RunningStep>();

  constructor(now: number) {
    this.startedAt = now;
  }

  get running(): readonly RunningStep[] {
    return [...this.#running.values()];
  }

  /** Enters one event, which happened at `now`. */
  observe(event: RunEvent, now: number): void {
    switch (event.type) {
      case 'connecting':
        this.waitingFor =
          event.reason === null ? 'connecting' : `connecting, attempt ${event.attempt}: ${event.reason}`;
        return;
      case 'connected':
        this.waitingFor = null;
        return;
      case 'waiting_for_lock':
        this.waitingFor = `waiting for another run: ${event.holder}`;
        return;
      case 'planned':
        this.waitingFor = null;
        this.total = event.total;
        return;
      case 'step_started':
        this.#running.set(event.path, { path: event.path, startedAt: now, statement: 0, statements: 0 });
        return;
      case 'step_progress':
        this.#progress(event.path, event.statement, event.statements);
        return;
      case 'step_finished':
        this.#running.delete(event.path);
        this.finished.push(event.path);
        return;
      case 'step_failed':
        this.#running.delete(event.path);
        this.failed.push(event.path);
        return;
      default:
        return;
    }
  }

  #progress(path: string, statement: number, statements: number): void {
    const step = this.#running.get(path);
    if (step !== undefined) this.#running.set(path, { ...step, statement, statements });
  }
}
