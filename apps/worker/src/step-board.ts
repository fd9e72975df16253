import type { DeploymentFailure, Step, StepStatus, StepUpdate } from '@postgres-manager/control-plane';
import type { AppliedFile, PlannedStep, Report } from '@postgres-manager/sql-deploy';

/** How the steps are left when a run has ended. */
export type StepsEnd = 'final' | 'goes_on' | 'dry_run';

/** Where each file of the plan stands, and which of that is not written yet. */
export class StepBoard {
  readonly #steps = new Map<string, StepUpdate>();
  #unwritten = new Set<string>();

  /** @param earlier what earlier attempts left in the history */
  constructor(earlier: readonly Step[]) {
    for (const [index, { attempt: _, ...step }] of earlier.entries()) {
      this.#steps.set(step.path, { ...step, position: index + 1 });
    }
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0;
  }

  /** Files that this deployment is known to have applied, in the order of the plan. */
  get applied(): string[] {
    return [...this.#steps.values()].filter(({ status }) => status === 'applied').map(({ path }) => path);
  }

  /** Something was under way here when last heard of. */
  get hasRunning(): boolean {
    return [...this.#steps.values()].some(({ status }) => status === 'running');
  }

  get size(): number {
    return this.#steps.size;
  }

  /**
   * The plan of this run. What earlier attempts applied comes first; what they planned and is in neither list was
   * applied by somebody else since.
   */
  plan(
    steps: readonly PlannedStep[],
    appliedEarlier: readonly AppliedFile[],
    digests: ReadonlyMap<string, string>,
  ): void {
    const named = new Set([...steps.map(({ path }) => path), ...appliedEarlier.map(({ path }) => path)]);
    for (const step of this.#steps.values()) {
      if (!named.has(step.path)) this.#put({ ...step, status: 'not_started', startedAt: null, failure: null });
    }
    this.applyEarlier(appliedEarlier, digests);
    for (const [index, step] of steps.entries()) {
      this.#put({ ...blank(step), position: appliedEarlier.length + index + 1, status: 'planned' });
    }
  }

  /** What the ledger says earlier attempts applied. */
  applyEarlier(files: readonly AppliedFile[], digests: ReadonlyMap<string, string>): void {
    for (const [index, { path, appliedAt, durationMs }] of files.entries()) {
      const known = this.#steps.get(path);
      if (known?.status === 'applied') continue;
      // Its worker was lost before it could tell of the plan: how many statements it had is not known any more.
      const step = known ?? blank({ path, sha256: digests.get(path) ?? '', transactional: true, statementCount: 0 });
      this.#put({
        ...step,
        position: index + 1,
        status: 'applied',
        startedAt: new Date(Date.parse(appliedAt) - (durationMs ?? 0)).toISOString(),
        finishedAt: appliedAt,
        durationMs,
        failure: null,
      });
    }
  }

  start(path: string, at: Date): void {
    this.#change(path, { status: 'running', startedAt: at.toISOString(), finishedAt: null, failure: null });
  }

  apply(path: string, durationMs: number, at: Date): void {
    // Several small files share one round trip: the server's own measure tells when each began.
    const startedAt = new Date(at.getTime() - durationMs).toISOString();
    this.#change(path, { status: 'applied', startedAt, finishedAt: at.toISOString(), durationMs, failure: null });
  }

  fail(path: string, failure: DeploymentFailure, at: Date, status: StepStatus = 'failed'): void {
    this.#change(path, { status, finishedAt: at.toISOString(), failure });
  }

  /**
   * Brings the steps into agreement with the report.
   * @param running what is to be said of a step that was under way and that the report does not tell of
   */
  settle(report: Report, end: StepsEnd, at: Date, running?: StepStatus): void {
    for (const path of report.applied) {
      if (this.#steps.get(path)?.status !== 'applied') {
        this.#change(path, { status: 'applied', finishedAt: at.toISOString(), failure: null });
      }
    }
    const failed = report.status === 'needs_attention' ? 'needs_attention' : 'failed';
    if (end === 'final') {
      for (const failure of report.failures) {
        if (failure.file !== null && this.#steps.get(failure.file)?.status !== 'applied') {
          this.fail(failure.file, failure, at, failed);
        }
      }
    }
    this.leave(end, running);
  }

  /** What has not begun, or was rolled back, stays planned for the next attempt, or never began. */
  leave(end: StepsEnd, running: StepStatus = end === 'final' ? 'not_started' : 'planned'): void {
    const others = end === 'final' ? 'not_started' : 'planned';
    for (const step of this.#steps.values()) {
      if (step.status === 'running') this.#put({ ...step, status: running });
      else if (step.status === 'planned' && others !== 'planned') this.#put({ ...step, status: others });
    }
  }

  /** Gives what is not written and takes it as written. */
  take(): StepUpdate[] {
    const updates = [...this.#unwritten].flatMap((path) => this.#steps.get(path) ?? []);
    this.#unwritten = new Set();
    return updates;
  }

  putBack(updates: readonly StepUpdate[]): void {
    for (const { path } of updates) this.#unwritten.add(path);
  }

  #change(path: string, change: Partial<StepUpdate>): void {
    const step = this.#steps.get(path);
    if (step !== undefined) this.#put({ ...step, ...change });
  }

  #put(step: StepUpdate): void {
    this.#steps.set(step.path, step);
    this.#unwritten.add(step.path);
  }
}

function blank(step: PlannedStep): StepUpdate {
  return {
    ...step,
    position: 0,
    status: 'planned',
    startedAt: null,
    finishedAt: null,
    durationMs: null,
    failure: null,
  };
}
