import { request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiConfig, type RunningApi, startApi } from '@postgres-manager/api';
import { generateKey, readKeyring } from '@postgres-manager/control-plane';
import { type RunningWorker, startWorker, type WorkerConfig } from '@postgres-manager/worker';
import type { RunningRedis } from '../../../standalone/src/redis/start-redis.ts';
import { randomEncryptionKey } from '../../../../test-support/control-database.ts';
import { startTestRedis } from '../../../../test-support/redis.ts';
import type { TestServer } from '../../../../test-support/servers.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test-support/test-database.ts';

/** What tests look into, whatever the call: a field that an answer lacks is undefined. */
export interface Body {
  readonly id: string;
  readonly status: string | number;
  readonly code: string;
  readonly detail: string;
  readonly digest: string;
  readonly bundle: string;
  readonly key: string;
  readonly openapi: string;
  readonly revokedAt: string | null;
  readonly nextCursor: string | null;
  readonly paths: Readonly<Record<string, unknown>>;
  readonly comparison: { readonly pending: readonly string[] };
  readonly steps: readonly { readonly status: string }[];
  readonly attempts: readonly unknown[];
  readonly files: readonly unknown[];
  readonly errors: readonly { readonly path: string }[];
  readonly problems: readonly { readonly rule: string }[];
  readonly items: readonly {
    readonly id: string;
    readonly status: string;
    readonly name: string;
    readonly prefix: string;
    readonly waitingFor: { readonly kind: string } | null;
  }[];
}

/** An answer, its body parsed where it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

/** An API (and, when asked for, a worker) on servers of its own. */
export interface Stage {
  readonly api: RunningApi;
  readonly redis: RunningRedis;
  readonly control: TestDatabase;
  readonly adminKey: string;
  /** As workers in processes of their own are given it. */
  readonly encryptionKey: string;
  readonly logLines: string[];
  call(
    method: string,
    path: string,
    options?: { body?: unknown; raw?: string; headers?: Record<string, string>; key?: string | null },
  ): Promise<Reply>;
  worker(changes?: Partial<WorkerConfig>): Promise<RunningWorker>;
  /** An empty database, registered under the name that is given. */
  target(name: string, labels?: Record<string, string>): Promise<TestDatabase>;
  bundle(files: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export async function openStage(server: TestServer, changes: Partial<ApiConfig> = {}): Promise<Stage> {
  const [control, redis] = await Promise.all([createTestDatabase(server), startTestRedis()]);
  const encryptionKey = randomEncryptionKey();
  const keyring = readKeyring(encryptionKey, null);
  const adminKey = generateKey();
  const logLines: string[] = [];
  const config: ApiConfig = {
    databaseUrl: control.dsn,
    redisUrl: redis.url,
    port: 0,
    host: '127.0.0.1',
    keyring,
    bootstrapKey: adminKey,
    sqlRoot: '.',
    logLevel: 'debug',
    rateLimitPerMinute: 0,
    bundleLimitBytes: 4 * 1024 * 1024,
    metricsToken: null,
    otlpEndpoint: null,
    maxConnections: 10,
    logTo: { write: (line) => logLines.push(line) },
    ...changes,
  };
  const api = await startApi(config);
  const databases: TestDatabase[] = [control];
  const workers: RunningWorker[] = [];
  const call: Stage['call'] = async (method, path, { body, raw, headers = {}, key = adminKey } = {}) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(raw === undefined ? (body === undefined ? {} : { body: JSON.stringify(body) }) : { body: raw }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Body };
  };
  return {
    api,
    redis,
    control,
    adminKey,
    encryptionKey,
    logLines,
    call,
    worker: async (workerChanges = {}) => {
      const worker = await startWorker({
        databaseUrl: control.dsn,
        redisUrl: redis.url,
        keyring,
        lookUpDsn: () => undefined,
        concurrency: 10,
        maxTries: 3,
        shutdownGraceMs: 2000,
        logLevel: 'silent',
        metricsPort: null,
        otlpEndpoint: null,
        timing: { reconcileMs: 300, dueMs: 200, firstRetryMs: 200, connectTimeoutMs: 1000 },
        ...workerChanges,
      });
      workers.push(worker);
      return worker;
    },
    target: async (name, labels = {}) => {
      const database = await createTestDatabase(server);
      databases.push(database);
      const reply = await call('PUT', `/v1/targets/${name}`, { body: { dsn: database.dsn, labels } });
      if (reply.status !== 201) throw new Error(reply.text);
      return database;
    },
    bundle: async (files) => {
      const list = Object.entries(files).map(([path, content]) => ({ path, content }));
      const reply = await call('POST', '/v1/bundles', { body: { files: list } });
      if (reply.status > 201) throw new Error(reply.text);
      return reply.body.digest;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close({ graceMs: 0 })));
      await api.close();
      await redis.kill();
      await Promise.all(databases.map((database) => database.drop()));
    },
  };
}

/** One event of a stream. */
export interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream of server-sent events until it ends, or `enough` says so. */
export async function readStream(
  stage: Stage,
  path: string,
  options: { lastEventId?: string; key?: string; enough?: (events: readonly SentEvent[]) => boolean } = {},
): Promise<SentEvent[]> {
  const events: SentEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(
      `${stage.api.url}${path}`,
      {
        headers: {
          authorization: `Bearer ${options.key ?? stage.adminKey}`,
          ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
        },
      },
      (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const blocks = (rest + chunk).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) {
            const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
            if (field('data') === '') continue;
            events.push({
              id: field('id'),
              type: field('event'),
              data: JSON.parse(field('data')) as SentEvent['data'],
            });
          }
          if (options.enough?.(events) === true) response.destroy();
        });
        response.on('close', () => resolve());
        response.on('error', () => resolve());
      },
    );
    request.on('error', reject);
    request.end();
  });
  return events;
}

/** Asks again until it is as wanted. */
export async function until<T>(ask: () => Promise<T>, wanted: (seen: T) => boolean, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await ask();
    if (wanted(seen)) return seen;
    if (performance.now() > deadline)
      throw new Error(`Not so within ${withinMs} ms: ${JSON.stringify(seen).slice(0, 2000)}`);
    await pause(25);
  }
}
