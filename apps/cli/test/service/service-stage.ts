import { randomBytes } from 'node:crypto';
import { type RunningApi, startApi } from '@postgres-manager/api';
import { generateKey, NOTHING_INTERNAL, readInternalAllowance, readKeyring } from '@postgres-manager/control-plane';
import { type RunningWorker, startWorker } from '@postgres-manager/worker';
import { onTestFinished } from 'vitest';
import { startTestRedis } from '../../../../test-support/redis.ts';
import { anyServer } from '../../../../test-support/servers.ts';
import { type Files, temporaryRoot } from '../../../../test-support/temporary-root.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test-support/test-database.ts';
import { type Ended, result, run, type Started, start } from '../server/command.ts';

/** The whole service for one test file: API, worker, control database, Redis. */
export interface ServiceStage {
  readonly url: string;
  readonly port: number;
  readonly key: string;
  /** Environment of a command that asks this service. */
  readonly env: Readonly<Record<string, string>>;
  /** An empty database, registered under its own name by the command itself. */
  target(): Promise<TestDatabase>;
  /** Runs the command with `--json`; its result is the last line. */
  ask(...args: string[]): Promise<Ended & { readonly result: Record<string, unknown> }>;
  start(...args: string[]): Started;
  /** Stops the API, and starts it on the same port. */
  stopApi(): Promise<void>;
  startApi(): Promise<void>;
  worker(): Promise<RunningWorker>;
  close(): Promise<void>;
}

/** @param files the server's own folders */
export async function openServiceStage(files: Files): Promise<ServiceStage> {
  const [redis, control, root] = await Promise.all([
    startTestRedis(),
    createTestDatabase(anyServer()),
    temporaryRoot(files),
  ]);
  const key = generateKey();
  const keyring = readKeyring(randomBytes(32).toString('base64'), null);
  const webhooksMayReach = readInternalAllowance('127.0.0.1') ?? NOTHING_INTERNAL;
  const begin = (port: number): Promise<RunningApi> =>
    startApi({
      databaseUrl: control.dsn,
      redisUrl: redis.url,
      port,
      host: '127.0.0.1',
      keyring,
      bootstrapKey: key,
      sqlRoot: root.path,
      logLevel: 'silent',
      rateLimitPerMinute: 0,
      bundleLimitBytes: 64 * 1024 * 1024,
      metricsToken: null,
      otlpEndpoint: null,
      maxConnections: 10,
      webhooksMayReach,
    });
  let api: RunningApi | null = await begin(0);
  const { url, port } = api;
  const env = { POSTGRES_MANAGER_SERVER: url, POSTGRES_MANAGER_KEY: key };
  const workers: RunningWorker[] = [];
  const worker = async (): Promise<RunningWorker> => {
    const started = await startWorker({
      databaseUrl: control.dsn,
      redisUrl: redis.url,
      keyring,
      lookUpDsn: () => undefined,
      concurrency: 4,
      maxTries: 3,
      shutdownGraceMs: 1000,
      logLevel: 'silent',
      metricsPort: null,
      otlpEndpoint: null,
      webhooksMayReach,
      timing: {
        reconcileMs: 200,
        dueMs: 100,
        flushMs: 20,
        firstRetryMs: 100,
        webhookLookMs: 100,
        webhookWaitsMs: [600_000],
      },
    });
    workers.push(started);
    return started;
  };
  return {
    url,
    port,
    key,
    env,
    worker,
    async target() {
      const database = await createTestDatabase(anyServer());
      onTestFinished(() => database.drop());
      const added = start(['targets', 'add', database.name, '--dsn-stdin', '--label', 'env=test'], env);
      added.type(`${database.dsn}\n`);
      const ended = await added.ended;
      if (ended.code !== 0) throw new Error(`The target could not be registered: ${ended.stdout}${ended.stderr}`);
      return database;
    },
    async ask(...args) {
      const ended = await run([...args, '--json'], env);
      return { ...ended, result: result(ended) };
    },
    start: (...args) => start(args, env),
    async stopApi() {
      await api?.close();
      api = null;
    },
    async startApi() {
      api = await begin(port);
    },
    async close() {
      await Promise.all(workers.map((started) => started.close({ graceMs: 0 })));
      await api?.close();
      await Promise.all([redis.stop(), control.drop(), root.remove()]);
    },
  };
}
