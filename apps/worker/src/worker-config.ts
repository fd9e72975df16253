import type { InternalAllowance, Keyring, LogLevel } from '@postgres-manager/control-plane';
import { DEFAULT_WEBHOOK_TIMING, type WebhookTiming } from './webhooks/webhook-timing.ts';

/** How often and how long, in ms. Tests use shorter ones. */
export interface Timing extends WebhookTiming {
  /** How long a deployment stays this worker's without a word from it. */
  readonly leaseMs: number;
  /** How often the leases are renewed. */
  readonly renewMs: number;
  /** How often what should be moving is rung again. */
  readonly reconcileMs: number;
  /** How often scheduled deployments are looked at. */
  readonly dueMs: number;
  readonly heartbeatMs: number;
  /** How long a run waits for a target's lock with its slot in hand; after that it is handed back. */
  readonly lockWaitMs: number;
  /** How long a target that is away is tried with the slot in hand. */
  readonly connectTimeoutMs: number;
  /** How long steps and events are gathered before they are written. */
  readonly flushMs: number;
  /** The first wait before a failed attempt is repeated; each further one is twice as long, a minute at most. */
  readonly firstRetryMs: number;
  /** BullMQ's job lock, and how often jobs of lost workers are looked for. */
  readonly jobLockMs: number;
  readonly stalledMs: number;
}

export const DEFAULT_TIMING: Timing = {
  leaseMs: 15_000,
  renewMs: 2000,
  reconcileMs: 2000,
  dueMs: 1000,
  heartbeatMs: 5000,
  lockWaitMs: 200,
  connectTimeoutMs: 5000,
  flushMs: 250,
  firstRetryMs: 1000,
  jobLockMs: 10_000,
  stalledMs: 5000,
  ...DEFAULT_WEBHOOK_TIMING,
};

/** What a worker needs to know. `readConfig` makes it of the environment. */
export interface WorkerConfig {
  /** The control database's DSN. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Opens the targets' DSNs. */
  readonly keyring: Keyring;
  /** Gives the environment variable that a target's `dsnEnv` names. */
  readonly lookUpDsn: (variable: string) => string | undefined;
  /** How many deployments run at a time. */
  readonly concurrency: number;
  /** How many failed attempts a deployment may have in all. */
  readonly maxTries: number;
  /** How long running deployments may go on when the process is told to stop. */
  readonly shutdownGraceMs: number;
  readonly logLevel: LogLevel;
  /** Where /metrics is served; null: nowhere. 0 takes any free port. */
  readonly metricsPort: number | null;
  /** Where traces go (OTLP over HTTP), without `/v1/traces`; null: nowhere. */
  readonly otlpEndpoint: string | null;
  /** Internal addresses that webhooks may lead to. Left out: none. */
  readonly webhooksMayReach?: InternalAllowance;
  readonly timing?: Partial<Timing>;
}
