import { type RunningStep, type RunRecord, RunRecorder } from '../../run-record.ts';
import type { WireEvent } from '../service/read-stream.ts';
import { textIn } from '../views/fields.ts';
import { runEventOf } from '../views/run-event.ts';

/** What is known of a deployment from its events so far: that of its latest attempt. */
export class ServiceRecord implements RunRecord {
  readonly startedAt = Date.now();
  /** How much the service's clock is ahead of this one, in ms. */
  aheadMs = 0;
  #attempt = new RunRecorder(Date.now());

  constructor() {
    this.#attempt.waitingFor = 'asking the service';
  }

  get waitingFor(): string | null {
    return this.#attempt.waitingFor;
  }

  get total(): number {
    return this.#attempt.total;
  }

  get finished(): readonly string[] {
    return this.#attempt.finished;
  }

  get failed(): readonly string[] {
    return this.#attempt.failed;
  }

  get running(): readonly RunningStep[] {
    return this.#attempt.running;
  }

  /** Enters one event; steps that began before it was followed keep their time. */
  observe(event: WireEvent): void {
    const at = Date.parse(event.at) - this.aheadMs;
    const now = Date.now();
    const run = runEventOf(event);
    if (run !== null) this.#attempt.observe(run, Number.isNaN(at) || at > now ? now : at);
    else this.#rest(event);
  }

  /** What it waits for between attempts. */
  #rest({ type, data }: WireEvent): void {
    const waiting = WAITING[type];
    if (waiting === undefined) return;
    // While another run holds the target it is taken in hand again and again, and told of once.
    if (type === 'started' && this.waitingFor?.startsWith(LOCK_WAIT) === true) return;
    this.#attempt = new RunRecorder(Date.now());
    this.#attempt.waitingFor = type === 'waiting' ? `${LOCK_WAIT}: ${textIn(data, 'holder') ?? '?'}` : waiting;
  }
}

const LOCK_WAIT = 'waiting for another run';

const WAITING: Readonly<Record<string, string>> = {
  awaiting_approval: 'waiting for an approval',
  approval_voided: 'waiting for another approval',
  approved: 'approved: waiting for its turn and a worker',
  scheduled: 'scheduled',
  queued: 'queued: waiting for its turn and a worker',
  started: 'connecting to the target',
  waiting: LOCK_WAIT,
  retry: 'waiting for the next attempt',
  worker_lost: 'waiting for another worker',
  handed_back: 'waiting for another worker',
};
