import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ControlDatabase,
  findEventsOf,
  findRolloutEvents,
  isDatabaseUnavailable,
  listenForChanges,
  migrateControlDatabase,
  openBell,
  type OpenBell,
  openControlDatabase,
  Ringer,
  RolloutMover,
} from '@postgres-manager/control-plane';
import type { RequestHandler } from 'express';
import { type Logger, pino } from 'pino';
import type { ApiConfig } from './api-config.ts';
import { createApp } from './app.ts';
import { BundleDesk } from './bundles/bundle-desk.ts';
import { EntryDesk } from './deployments/entry-desk.ts';
import { ensureAdminKey } from './first-key.ts';
import { Callers } from './http/caller.ts';
import { AllEvents } from './live/all-events.ts';
import { EventWatch } from './live/event-watch.ts';
import { StreamPlaces } from './live/stream-places.ts';
import { createMetrics } from './observability/metrics.ts';
import type { Tracing } from './observability/tracing.ts';
import { QueuePagePasses } from './queue-page/queue-page-passes.ts';
import type { Services } from './services.ts';
import { whenThere } from './when-there.ts';

export type { ApiConfig } from './api-config.ts';
export { readConfig } from './config.ts';
export { SignInCodes } from './sign-in/sign-in-codes.ts';

/** An API that answers. */
export interface RunningApi {
  /** Such as http://127.0.0.1:3000. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those under way end, and lets go of everything. */
  close(): Promise<void>;
}

/** Every answer comes within two seconds, also when the control database is away: these two have to fit in. */
const CONNECT_TIMEOUT_MS = 900;
const QUERY_TIMEOUT_MS = 1800;
const STARTUP_CONNECT_TIMEOUT_MS = 3000;
/** Requests under way at close get so long. */
const CLOSE_PATIENCE_MS = 10_000;

/**
 * Starts the API: listens, brings the control database's schema up to date (waiting for the server while it is away,
 * and answering 503 meanwhile), and sees to an admin key. Redis may be away, now and at any time.
 * @throws Error when the port can't be had (EADDRINUSE), ControlPlaneError when the schema can't be brought up to date
 */
export async function startApi(config: ApiConfig): Promise<RunningApi> {
  const version = ownVersion();
  const log = pino({ name: 'api', level: config.logLevel }, config.logTo ?? pino.destination(1));
  const tracing =
    config.otlpEndpoint === null
      ? null
      : (await import('./observability/tracing.ts')).startTracing(config.otlpEndpoint, version);
  const queueBoard = config.queuePage === true ? (await import('./queue-page/bull-board.ts')).queueBoard : null;
  let isStarted = false;
  const { services, endStreams, close } = openServices(config, version, log, tracing, queueBoard, () => isStarted);
  const server = createServer(createApp(services, version, tracing));
  const stopAll = (): Promise<void> => stop(server, endStreams, close);
  try {
    await listen(server, config);
    await whenThere(config, log, async () => {
      await migrateControlDatabase(config.databaseUrl, STARTUP_CONNECT_TIMEOUT_MS);
      const firstKey = await ensureAdminKey(services.db, config.bootstrapKey);
      if (firstKey !== null) config.onFirstKey?.(firstKey);
    });
  } catch (error) {
    await stopAll();
    throw error;
  }
  isStarted = true;
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  log.info({ url }, `The API answers at ${url}`);
  return { url, port, close: stopAll };
}

function openServices(
  config: ApiConfig,
  version: string,
  log: Logger,
  tracing: Tracing | null,
  queueBoard: ((bell: OpenBell) => RequestHandler) | null,
  isStarted: () => boolean,
): { services: Services; endStreams: () => void; close: () => Promise<void> } {
  const stopping = new AbortController();
  // As many listen as there are streams and waits.
  setMaxListeners(0, stopping.signal);
  const db: ControlDatabase = openControlDatabase({
    dsn: config.databaseUrl,
    maxConnections: config.maxConnections,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    applicationName: 'postgres-manager-api',
    onError: (error) => log.warn({ reason: error.message }, 'A connection to the control database broke.'),
  });
  const onRedisError = onceInAWhile((reason) =>
    log.warn({ reason }, 'Redis is away; deployments are recorded all the same.'),
  );
  const onLookError = onceInAWhile((reason) => log.warn({ reason }, 'Events could not be read; it is tried again.'));
  const bell = openBell({
    url: config.redisUrl,
    onError: onRedisError,
    ...(tracing === null ? {} : { telemetry: tracing.queueTelemetry }),
  });
  const tell = (error: unknown): void => onLookError(error instanceof Error ? error.message : String(error));
  const ringer = new Ringer(
    db,
    bell,
    onceInAWhile((reason) =>
      log.warn({ reason }, 'The queue could not be rung; workers find what is recorded by themselves.'),
    ),
  );
  const rollouts = new RolloutMover(db, bell, {
    redisError: onRedisError,
    error: (error) => {
      if (isDatabaseUnavailable(error)) tell(error);
      else log.warn({ err: error }, 'A rollout could not be moved; the workers do it.');
    },
  });
  const events = new EventWatch(
    {
      find: (positions, limit) =>
        findEventsOf(
          db,
          positions.map(({ id, after }) => ({ deploymentId: id, after })),
          limit,
        ),
      idOf: (event) => event.deploymentId,
    },
    tell,
  );
  const rolloutEvents = new EventWatch(
    {
      find: (positions, limit) =>
        findRolloutEvents(
          db,
          positions.map(({ id, after }) => ({ rolloutId: id, after })),
          limit,
        ),
      idOf: (event) => event.rolloutId,
    },
    tell,
  );
  const allEvents = new AllEvents(db, tell);
  const unlisten = listenForChanges({
    url: config.redisUrl,
    onChange: ({ deploymentIds, rolloutIds = [] }) => {
      events.changed(deploymentIds);
      rolloutEvents.changed(rolloutIds);
      allEvents.look();
    },
    onReady: () => {
      events.look();
      rolloutEvents.look();
      allEvents.look();
    },
    onError: onRedisError,
  });
  const bundles = new BundleDesk(db, config.sqlRoot);
  const services: Services = {
    config,
    version,
    db,
    bell,
    callers: new Callers(db),
    bundles,
    entries: new EntryDesk(db),
    ringer,
    rollouts,
    events,
    rolloutEvents,
    allEvents,
    streams: new StreamPlaces('streams'),
    exports: new StreamPlaces('exports'),
    isStarted,
    queuePage: queueBoard === null ? null : { passes: new QueuePagePasses(), board: queueBoard(bell) },
    metrics: createMetrics(db, bell),
    log,
    stopping: stopping.signal,
  };
  const close = async (): Promise<void> => {
    stopping.abort();
    unlisten();
    await ringer.settled();
    await rollouts.settled();
    await Promise.all([bell.close(), bundles.close(), db.pool.end(), tracing?.close()]);
  };
  return { services, endStreams: () => stopping.abort(), close };
}

function listen(server: Server, { port, host }: ApiConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function stop(server: Server, endStreams: () => void, close: () => Promise<void>): Promise<void> {
  // Its callback comes with an error, and is as welcome, when it never listened.
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Streams and waits would else hold us up.
  endStreams();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
  await closed;
  clearTimeout(cut);
  await close();
}

/** The same trouble is told once in ten seconds, not with every try. */
function onceInAWhile(tell: (reason: string) => void): (reason: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (reason) => {
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    tell(reason);
  };
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
