import type { Claim } from '@postgres-manager/control-plane';
import type { EvictedEvent, RunEvent } from '@postgres-manager/sql-deploy';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Said } from './end-deployment.ts';

const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 7200];

/** What a worker counts. No label grows with the number of targets. */
export class Metrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];
  readonly #running = new Gauge({
    name: 'postgres_manager_worker_running',
    help: 'Deployments in this worker’s hands.',
    registers: this.#registers,
  });
  readonly #runs = new Counter({
    name: 'postgres_manager_worker_runs_total',
    help: 'Runs by mode and by what was written down in the end: a final status, waiting, retry, handed_back, lost.',
    labelNames: ['mode', 'outcome'] as const,
    registers: this.#registers,
  });
  readonly #seconds = new Histogram({
    name: 'postgres_manager_worker_run_seconds',
    help: 'How long runs take.',
    labelNames: ['mode'] as const,
    buckets: SECONDS,
    registers: this.#registers,
  });
  readonly #waited = new Histogram({
    name: 'postgres_manager_worker_waited_seconds',
    help: 'From the request to the first run.',
    buckets: SECONDS,
    registers: this.#registers,
  });
  readonly #steps = new Counter({
    name: 'postgres_manager_worker_steps_total',
    help: 'Files by outcome: applied, failed, retried.',
    labelNames: ['outcome'] as const,
    registers: this.#registers,
  });
  readonly #failures = new Counter({
    name: 'postgres_manager_worker_step_failures_total',
    help: 'Failed files by the class of their SQLSTATE (the first two characters).',
    labelNames: ['sqlstate_class'] as const,
    registers: this.#registers,
  });
  readonly #lockWaits = new Counter({
    name: 'postgres_manager_worker_lock_waits_total',
    help: 'Times that a target’s lock was found to be another’s.',
    registers: this.#registers,
  });
  readonly #webhooks = new Counter({
    name: 'postgres_manager_worker_webhook_tries_total',
    help: 'Tries to deliver messages to webhooks by outcome: delivered, failed (to be repeated), given_up.',
    labelNames: ['outcome'] as const,
    registers: this.#registers,
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  begin({ deployment, attempt, lockWait }: Claim): void {
    this.#running.inc();
    if (attempt === 1 && lockWait === null) {
      this.#waited.observe(Math.max(0, Date.now() - Date.parse(deployment.createdAt)) / 1000);
    }
  }

  /** @param said null when it could not be written down */
  end({ deployment: { mode } }: Claim, said: Said | null, ms: number): void {
    this.#running.dec();
    this.#runs.inc({ mode, outcome: said ?? 'unwritten' });
    this.#seconds.observe({ mode }, ms / 1000);
    if (said === 'waiting') this.#lockWaits.inc();
  }

  note(event: RunEvent | EvictedEvent): void {
    if (event.type === 'step_finished') this.#steps.inc({ outcome: 'applied' });
    else if (event.type === 'step_retry') this.#steps.inc({ outcome: 'retried' });
    else if (event.type === 'step_failed') {
      this.#steps.inc({ outcome: 'failed' });
      this.#failures.inc({ sqlstate_class: event.failure.sqlstate?.slice(0, 2) ?? 'none' });
    }
  }

  webhook(outcome: 'delivered' | 'failed' | 'given_up'): void {
    this.#webhooks.inc({ outcome });
  }
}
