import type { LedgerRow } from '../plan/ledger-state.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../validate/problem.ts';
import type { RunStopped } from './failure.ts';
import type { DeployOptions } from './options.ts';
import type { Failure, PlannedStep, Report, Status } from './report.ts';
import type { Step } from './run-context.ts';

/** Gathers what becomes of a run, and tells it as a report. */
export class RunRecord {
  readonly applied: string[] = [];
  /** The ledger's rows of those of `applied` that gave theirs back. */
  readonly entered: LedgerRow[] = [];
  readonly failures: Failure[] = [];
  baselined = 0;
  adopted = 0;
  createCompleted = false;
  /** The ledger may hold more, or other things, than was read at first and has been entered since. */
  touchedLedger = false;
  readonly #options: DeployOptions;
  readonly #started = performance.now();
  #plan: Plan | null = null;
  #steps: readonly PlannedStep[] = [];

  constructor(options: DeployOptions) {
    this.#options = options;
  }

  planned(plan: Plan): void {
    this.#plan = plan;
  }

  get plannedSteps(): readonly PlannedStep[] {
    return this.#steps;
  }

  steps(steps: readonly Step[]): void {
    this.#steps = steps.map(({ file, script }) => ({
      path: file.path,
      sha256: file.sha256,
      transactional: script.transactional,
      statementCount: script.statementCount,
    }));
  }

  invalid(problems: readonly Problem[]): Report {
    return this.#report('invalid', null, problems);
  }

  stopped({ status, failure }: RunStopped): Report {
    return this.#report(status, failure);
  }

  /** What would be done, had this not been a dry run. */
  dryRun(plan: Plan): Report {
    this.baselined = plan.baseline.length;
    this.adopted = plan.adopt.length;
    return this.#report(plan.steps.length > 0 || plan.completesCreate ? 'succeeded' : 'nothing_to_do', null);
  }

  succeeded(): Report {
    const [first] = this.failures;
    if (first !== undefined) return this.#report('failed', first);
    const did = this.applied.length > 0 || this.createCompleted || this.adopted > 0;
    return this.#report(did ? 'succeeded' : 'nothing_to_do', null);
  }

  #report(status: Status, failed: Failure | null, problems: readonly Problem[] = []): Report {
    const touched = new Set([...this.applied, ...this.failures.map((failure) => failure.file), failed?.file]);
    const complete = status === 'succeeded' || status === 'nothing_to_do';
    return {
      mode: this.#options.mode,
      status,
      dryRun: this.#options.dryRun === true,
      bundleDigest: this.#options.bundle.digest,
      applied: this.applied,
      skipped: this.#plan?.skipped.length ?? 0,
      baselined: this.baselined,
      adopted: this.adopted,
      notStarted: complete ? [] : this.#steps.map((step) => step.path).filter((path) => !touched.has(path)),
      planned: complete && !this.#options.dryRun ? [] : this.#steps,
      failed,
      failures: this.failures.length > 0 ? this.failures : failed === null ? [] : [failed],
      problems,
      durationMs: Math.round(performance.now() - this.#started),
      ledger: null,
    };
  }
}
