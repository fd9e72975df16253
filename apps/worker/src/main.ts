import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  isDatabaseUnavailable,
  loadBundle,
  openBell,
  openControlDatabase,
  Ringer,
  RolloutMover,
  type Bell,
  type ControlDatabase,
} from '@postgres-manager/control-plane';
import { createScriptCache } from '@postgres-manager/sql-deploy';
import { BundleCache } from './bundle-cache.ts';
import { Complaints } from './complaints.ts';
import { type Duties, startDuties } from './duties.ts';
import { Leases } from './leases.ts';
import { openLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { serveMetrics } from './metrics-server.ts';
import { type QueueWorker, startQueueWorker } from './queue-worker.ts';
import { Runs } from './runs.ts';
import type { Service } from './service.ts';
import { openTracing } from './tracing.ts';
import { waitForSchema } from './wait-for-schema.ts';
import { DEFAULT_TIMING, type WorkerConfig } from './worker-config.ts';

export { readConfig, readRotationConfig } from './config.ts';
export type { WorkerEvents, WorkerEventType } from './event-types.ts';
export { DEFAULT_TIMING, type Timing, type WorkerConfig } from './worker-config.ts';

/** A worker that answers the bell. */
export interface RunningWorker {
  readonly id: string;
  /** Where /metrics is served; null: nowhere. */
  readonly metricsPort: number | null;
  /**
   * Takes nothing new, lets what runs go on for `graceMs`, then cancels it on its server and hands it back, so that
   * another worker carries on. Resolves when nothing of this worker runs anywhere.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const BUNDLE_CACHE_BYTES = 32 * 1024 * 1024;
const SCRIPT_CACHE_BYTES = 16 * 1024 * 1024;
const QUERY_TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 10;
/** How long a cancelled statement may take to end on its server, after which the process goes all the same. */
const ABORT_MS = 20_000;
const GOODBYE_MS = 2000;

/**
 * Starts a worker: brings the control database's schema up to date (waiting for it while it is away), then answers the
 * bell until it is closed.
 * @throws SqlDeployError dsn_invalid; ControlPlaneError control_database_unavailable; when the port for metrics is in use
 */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  const id = randomUUID();
  const log = openLog(config.logLevel, id);
  await waitForSchema(config.databaseUrl, log);
  const metrics = new Metrics();
  const server = config.metricsPort === null ? null : await serveMetrics(config.metricsPort, metrics.registry);
  const tracing = await openTracing(config.otlpEndpoint);
  const faults = { database: new Complaints(log, 'The control database'), redis: new Complaints(log, 'Redis') };
  const gone = new AbortController();
  const service = openService({ config, workerId: id, log, metrics, tracing, gone: gone.signal }, faults);
  const { timing } = service;
  const runs = new Runs(service, faults.database);
  const duties = startDuties(service, version(), faults);
  const queue = startQueueWorker({
    redisUrl: config.redisUrl,
    concurrency: config.concurrency,
    jobLockMs: timing.jobLockMs,
    stalledMs: timing.stalledMs,
    telemetry: tracing.telemetry,
    onRing: (deploymentId) => runs.take(deploymentId),
    onLockLost: () => duties.renewNow(),
    onError: (message) => faults.redis.fault(message),
  });
  log.info({ concurrency: config.concurrency, version: version() }, 'Worker started.');

  let closing: Promise<void> | null = null;
  return {
    id,
    metricsPort: server?.port ?? null,
    close: ({ graceMs }) => {
      closing ??= closeWorker({ service, runs, queue, duties, server, gone }, graceMs);
      return closing;
    },
  };
}

interface Parts {
  readonly service: Service;
  readonly runs: Runs;
  readonly queue: QueueWorker;
  readonly duties: Duties;
  readonly server: { close(): void } | null;
  readonly gone: AbortController;
}

/** The bell and the control database are needed until the last run is written down. */
async function closeWorker({ service, runs, queue, duties, server, gone }: Parts, graceMs: number): Promise<void> {
  const { log, leases, tracing, bell, ringer, control } = service;
  runs.takeNoMore();
  const queueClosed = queue.close().catch((error: unknown) => log.debug({ err: error }, 'The queue closed badly.'));
  if (!(await runs.done(graceMs))) {
    log.warn({ running: leases.size }, 'What still runs is cancelled and handed back.');
    leases.abortAll('worker_stopping');
    if (!(await runs.done(ABORT_MS))) log.error('Something did not end in time: its lease runs out by itself.');
  }
  if (!(await inTime(queueClosed, GOODBYE_MS))) queue.disconnect();
  await duties.stop();
  await ringer.settled();
  await inTime(service.rollouts.settled(), GOODBYE_MS);
  await inTime(tracing.close(), GOODBYE_MS);
  gone.abort();
  server?.close();
  await bell.close();
  await control.pool.end();
  log.info('Worker stopped.');
}

interface Faults {
  readonly database: Complaints;
  readonly redis: Complaints;
}

type Given = Pick<Service, 'config' | 'workerId' | 'log' | 'metrics' | 'tracing' | 'gone'>;

function openService(given: Given, faults: Faults): Service {
  const { config, tracing } = given;
  const timing = { ...DEFAULT_TIMING, ...config.timing };
  const control: ControlDatabase = openControlDatabase({
    dsn: config.databaseUrl,
    maxConnections: MOST_CONNECTIONS,
    connectTimeoutMs: timing.connectTimeoutMs,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    plansOnce: true,
    applicationName: 'postgres-manager-worker',
    onError: (error) => faults.database.fault(error.message),
  });
  const bell: Bell = openBell({
    url: config.redisUrl,
    onError: (message) => faults.redis.fault(message),
    ...(tracing.telemetry === null ? {} : { telemetry: tracing.telemetry }),
  });
  const leases = new Leases(control, {
    leaseMs: timing.leaseMs,
    onFault: (error) => faults.database.fault(error instanceof Error ? error.message : String(error)),
    onWell: () => faults.database.well(),
  });
  const bundles = new BundleCache((digest) => loadBundle(control, digest), BUNDLE_CACHE_BYTES);
  const scripts = createScriptCache({ maxBytes: SCRIPT_CACHE_BYTES });
  const ringer = new Ringer(control, bell, (reason) =>
    given.log.debug({ reason }, 'The next of a line could not be rung for; the reconciler does it.'),
  );
  const rollouts = new RolloutMover(control, bell, {
    redisError: (message) => faults.redis.fault(message),
    error: (error) => {
      if (isDatabaseUnavailable(error)) faults.database.fault(error instanceof Error ? error.message : String(error));
      else given.log.warn({ err: error }, 'A rollout could not be moved; it is tried again.');
    },
  });
  return { ...given, timing, control, bell, ringer, leases, rollouts, bundles, scripts };
}

/** @returns false when it took longer */
async function inTime(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
