import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Bell,
  type DeploymentDetail,
  type DeploymentEvent,
  enterDeployment,
  findDeploymentDetail,
  findEventsOf,
  headsOfLinesOf,
  type Keyring,
  type NewDeployment,
  openBell,
  putTarget,
  readKeyring,
  sealSecret,
  storeBundle,
} from '@postgres-manager/control-plane';
import { bundleFromFiles, parseDsn, validate } from '@postgres-manager/sql-deploy';
import { type RunningWorker, startWorker, type Timing, type WorkerConfig } from '@postgres-manager/worker';
import type { RunningRedis } from '../../../standalone/src/redis/start-redis.ts';
import {
  createControlDatabase,
  randomEncryptionKey,
  plainDeployment,
  TESTER,
  type TestControlDatabase,
} from '../../../../test-support/control-database.ts';
import { startTestRedis } from '../../../../test-support/redis.ts';
import { anyServer, type TestServer } from '../../../../test-support/servers.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test-support/test-database.ts';

/** So that a lost worker is found out within a second or two. */
export const QUICK: Partial<Timing> = {
  leaseMs: 3000,
  renewMs: 300,
  reconcileMs: 300,
  dueMs: 200,
  heartbeatMs: 500,
  connectTimeoutMs: 1000,
  firstRetryMs: 200,
  stalledMs: 1000,
  webhookLookMs: 100,
  webhookTimeoutMs: 1500,
  webhookLeaseMs: 3000,
  webhookWaitsMs: [100, 100, 100],
  webhookFirstRestMs: 100,
  webhookLongestRestMs: 400,
};

/** A control database, a Redis, and what tests do with them. */
export interface Stage {
  readonly db: TestControlDatabase;
  readonly redis: RunningRedis;
  readonly bell: Bell;
  readonly keyring: Keyring;
  readonly encryptionKey: string;
  config(changes?: Partial<WorkerConfig>): WorkerConfig;
  worker(changes?: Partial<WorkerConfig>): Promise<RunningWorker>;
  /** An empty database of its own, registered. */
  target(options?: { dsn?: string; name?: string }): Promise<{ name: string; database: TestDatabase }>;
  register(name: string, dsn: string): Promise<void>;
  bundle(files: Readonly<Record<string, string>>): Promise<string>;
  /** Enters a deployment and rings for it, as the API does. */
  deploy(target: string, bundle: string, changes?: Partial<NewDeployment>): Promise<string>;
  detail(id: string): Promise<DeploymentDetail>;
  events(id: string): Promise<DeploymentEvent[]>;
  /** Waits until the deployment is as wanted. */
  until(id: string, wanted: (detail: DeploymentDetail) => boolean, withinMs?: number): Promise<DeploymentDetail>;
  final(id: string, withinMs?: number): Promise<DeploymentDetail>;
  close(): Promise<void>;
}

/** Waits for a condition; fails with what was seen last. */
export async function eventually<T>(
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`Not so within ${withinMs} ms; seen last: ${JSON.stringify(seen, null, 2)?.slice(0, 4000)}`);
    }
    await pause(20);
  }
}

const FINAL = new Set(['succeeded', 'failed', 'cancelled', 'needs_attention']);

export async function openStage(controlServer: TestServer = anyServer()): Promise<Stage> {
  const server = anyServer();
  const [db, redis] = await Promise.all([createControlDatabase(controlServer), startTestRedis()]);
  const bell = openBell({ url: redis.url, onError: () => undefined });
  const encryptionKey = randomEncryptionKey();
  const keyring = readKeyring(encryptionKey, null);
  const databases: TestDatabase[] = [];
  const workers: RunningWorker[] = [];
  const stage: Stage = {
    db,
    redis,
    bell,
    keyring,
    encryptionKey,
    config: (changes = {}) => ({
      databaseUrl: db.database.dsn,
      redisUrl: redis.url,
      keyring,
      lookUpDsn: () => undefined,
      concurrency: 4,
      maxTries: 5,
      shutdownGraceMs: 5000,
      logLevel: 'silent',
      metricsPort: null,
      otlpEndpoint: null,
      timing: QUICK,
      ...changes,
    }),
    worker: async (changes) => {
      const worker = await startWorker(stage.config(changes));
      workers.push(worker);
      return worker;
    },
    target: async ({ dsn, name = `target-${randomUUID().slice(0, 8)}` } = {}) => {
      const database = await createTestDatabase(server);
      databases.push(database);
      await stage.register(name, dsn ?? database.dsn);
      return { name, database };
    },
    register: async (name, dsn) => {
      const { password: _, ...shown } = parseDsn(dsn);
      const sealed = { kind: 'sealed', secret: sealSecret(dsn, name, keyring), shown } as const;
      await putTarget(db.control, { name, labels: {}, dsn: sealed }, {}, TESTER);
    },
    bundle: async (files) => {
      const bundle = bundleFromFiles(Object.entries(files).map(([path, content]) => ({ path, content })));
      await storeBundle(db.control, bundle, await validate(bundle), TESTER);
      return bundle.digest;
    },
    deploy: async (target, bundleDigest, changes = {}) => {
      const made = await enterDeployment(
        db.control.pool,
        { ...plainDeployment(target, bundleDigest), ...changes },
        TESTER,
      );
      if (made === null) throw new Error(`There is no target ${target}.`);
      // Redis may be away on purpose: the reconciler rings then.
      await bell.ring(await headsOfLinesOf(db.control.pool, [made.id])).catch(() => undefined);
      return made.id;
    },
    detail: async (id) => {
      const detail = await findDeploymentDetail(db.control, id, {});
      if (detail === null) throw new Error(`There is no deployment ${id}.`);
      return detail;
    },
    events: (id) => findEventsOf(db.control, [{ deploymentId: id, after: 0 }], 10_000),
    until: (id, wanted, withinMs) => eventually(() => stage.detail(id), wanted, withinMs),
    final: (id, withinMs) => stage.until(id, ({ status }) => FINAL.has(status), withinMs),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close({ graceMs: 0 })));
      await bell.close();
      await redis.stop();
      await Promise.all(databases.map((database) => database.drop()));
      await db.drop();
    },
  };
  return stage;
}
