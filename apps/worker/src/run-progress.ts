import type { Progress, Step, TargetSeen } from '@postgres-manager/control-plane';
import type { AppliedFile, EvictedEvent, LedgerReport, RunEvent } from '@postgres-manager/sql-deploy';
import { EventBuffer } from './event-buffer.ts';
import type { WorkerEvents, WorkerEventType } from './event-types.ts';
import { StepBoard } from './step-board.ts';

const MOST_NOTICES = 200;
const LONGEST_NOTICE = 1000;

type Connected = Extract<RunEvent, { type: 'connected' }>;

/** What one run has shown so far, as the history is to have it. */
export class RunProgress {
  readonly steps: StepBoard;
  readonly #events = new EventBuffer();
  readonly #digests: ReadonlyMap<string, string>;
  readonly #dryRun: boolean;
  #connected: Connected | null = null;
  #connectedWritten = false;
  #appliedEarlier: readonly AppliedFile[] | null = null;
  #holder: string | null = null;
  #lockWaitMs = 0;
  #notices = 0;

  /**
   * @param earlier steps of earlier attempts
   * @param digests SHA-256 of each file of the bundle, by path
   */
  constructor(earlier: readonly Step[], digests: ReadonlyMap<string, string>, dryRun: boolean) {
    this.steps = new StepBoard(earlier);
    this.#digests = digests;
    this.#dryRun = dryRun;
  }

  /** Null until the ledger was read and the plan made. */
  get appliedEarlier(): readonly AppliedFile[] | null {
    return this.#appliedEarlier;
  }

  /** Who had the target's lock when it was last asked for. */
  get holder(): string | null {
    return this.#holder;
  }

  get lockWaitMs(): number {
    return this.#lockWaitMs;
  }

  get isEmpty(): boolean {
    return this.#events.size === 0 && !this.steps.hasUnwritten && !this.#hasUnwrittenBackend;
  }

  get #hasUnwrittenBackend(): boolean {
    return this.#connected !== null && !this.#connectedWritten;
  }

  /** Takes in what the library tells of the run. */
  note(event: RunEvent | EvictedEvent, at: Date): void {
    if (event.type === 'waiting_for_lock') {
      this.#holder = event.holder;
      this.#lockWaitMs = Math.max(this.#lockWaitMs, event.waitedMs);
    } else if (event.type === 'planned') {
      this.#notePlan(event, at);
    } else if (event.type === 'notice') {
      this.#noteNotice(event, at);
    } else {
      this.#noteStep(event, at);
      if (event.type === 'connected') this.#connected = event;
      const { type, ...data } = event;
      this.#events.add(type, data, at);
    }
  }

  add<Type extends WorkerEventType>(type: Type, data: WorkerEvents[Type], at: Date): void {
    this.#events.add(type, data, at);
  }

  /** What was seen of the target; null when its ledger could not be read. */
  seen(ledger: LedgerReport | null): TargetSeen | null {
    if (this.#connected === null || ledger === null) return null;
    const { systemIdentifier, database, serverVersion } = this.#connected;
    return { systemIdentifier, database, serverVersion, createState: ledger.create, files: ledger.files };
  }

  /** Gives what is not written yet, and takes it as written. */
  take(): Progress {
    const backend = this.#hasUnwrittenBackend ? this.#connected : null;
    this.#connectedWritten = this.#connected !== null;
    return {
      steps: this.steps.take(),
      events: this.#events.take(),
      backendPid: backend?.backendPid ?? null,
      serverVersion: backend?.serverVersion ?? null,
    };
  }

  /** It could not be written. */
  putBack(progress: Progress): void {
    this.steps.putBack(progress.steps);
    this.#events.putBack(progress.events);
    if (progress.backendPid !== null) this.#connectedWritten = false;
  }

  /** The ledger's word on earlier attempts, where no plan is made any more. */
  noteAppliedEarlier(files: readonly AppliedFile[]): void {
    this.#appliedEarlier = files;
    this.steps.applyEarlier(files, this.#digests);
  }

  #notePlan(event: Extract<RunEvent, { type: 'planned' }>, at: Date): void {
    this.#appliedEarlier = event.appliedEarlier;
    this.steps.plan(event.steps, event.appliedEarlier, this.#digests);
    this.#events.add(
      'planned',
      {
        total: event.total,
        skipped: event.skipped - event.appliedEarlier.length,
        appliedEarlier: event.appliedEarlier.length,
        dryRun: this.#dryRun,
      },
      at,
    );
  }

  #noteStep(event: RunEvent | EvictedEvent, at: Date): void {
    if (event.type === 'step_started') this.steps.start(event.path, at);
    else if (event.type === 'step_finished') this.steps.apply(event.path, event.durationMs, at);
    else if (event.type === 'step_failed') this.steps.fail(event.path, event.failure, at);
  }

  /** A file that raises a notice for each row must not fill the history. */
  #noteNotice({ path, severity, message }: Extract<RunEvent, { type: 'notice' }>, at: Date): void {
    this.#notices++;
    if (this.#notices <= MOST_NOTICES) {
      this.#events.add('notice', { path, severity, message: cut(message, LONGEST_NOTICE) }, at);
    } else if (this.#notices === MOST_NOTICES + 1) {
      this.#events.add('notices_dropped', { kept: MOST_NOTICES }, at);
    }
  }
}

/** Cuts a text without cutting a character in two, which jsonb would refuse. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
}
