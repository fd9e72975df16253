import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../apps/standalone/dist/postgres/free-port.js';
import type { Cluster } from './cluster.ts';
import { type Database, openDatabase } from './database.ts';
import { Failpoints } from './failpoints.ts';
import { type HttpClient, openHttpClient } from './http-client.ts';
import { type Program, startProgram } from './program.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { Slot } from './slot.ts';

export interface ServiceOptions {
  readonly workers: number;
  readonly apis?: number;
  readonly concurrency?: number;
  /** How often a failed attempt may be repeated; 100 unless told. */
  readonly maxTries?: number;
  readonly timing?: Readonly<Record<string, number>>;
  readonly graceSeconds?: number;
  readonly logLevel?: string;
  /** By worker: how far its clock is off, in ms. */
  readonly clockOffsetsMs?: readonly number[];
  readonly metricsToken?: string;
  /** For all processes, beside what they need. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** So that a lost worker is found out within two seconds. The API has no such times. */
export const QUICK_TIMING = {
  leaseMs: 2000,
  renewMs: 250,
  reconcileMs: 300,
  dueMs: 200,
  heartbeatMs: 500,
  connectTimeoutMs: 1000,
  firstRetryMs: 200,
  jobLockMs: 3000,
  stalledMs: 1000,
} as const;

/** API, workers, control database and Redis, as separate processes; each process has its own way to each server. */
export interface Service {
  readonly http: HttpClient;
  readonly apiUrls: readonly string[];
  readonly apiKey: string;
  readonly encryptionKey: string;
  readonly workers: readonly Slot[];
  readonly apis: readonly Slot[];
  readonly redis: RedisServer;
  /** The way of all processes to Redis. */
  readonly redisLine: Proxy;
  readonly control: Database;
  readonly controlName: string;
  close(): Promise<void>;
}

export interface ServiceParts {
  readonly productRoot: string;
  readonly redisProgram: string;
  readonly controlCluster: Cluster;
  readonly targetCluster: Cluster;
}

const WORKER_PROGRAM = fileURLToPath(new URL('../programs/product-worker.js', import.meta.url));
const API_PROGRAM = fileURLToPath(new URL('../programs/product-api.js', import.meta.url));

/** The role by which a worker's writes in the control database are told from another's. */
export const roleOf = (worker: number): string => `chaos_worker_${worker}`;

export async function openService(parts: ServiceParts, options: ServiceOptions): Promise<Service> {
  const { controlCluster, targetCluster, productRoot } = parts;
  const controlName = `control_${randomBytes(4).toString('hex')}`;
  await controlCluster.admin.query(`CREATE DATABASE ${controlName}`);
  const redis = await startRedisServer(parts.redisProgram);
  const redisLine = await startProxy(redis.port, null);
  const encryptionKey = randomBytes(32).toString('base64');
  const apiKey = `pgm_${randomBytes(32).toString('base64url')}`;
  const common = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    REDIS_URL: `redis://127.0.0.1:${redisLine.port}`,
    ENCRYPTION_KEY: encryptionKey,
    LOG_LEVEL: options.logLevel ?? 'info',
    ...options.environment,
  };
  const apis = await Promise.all(
    Array.from({ length: options.apis ?? 1 }, async () => {
      const control = new Failpoints();
      const controlLine = await startProxy(controlCluster.port, control.judge);
      const port = await freePort();
      const env = {
        ...common,
        PORT: String(port),
        DATABASE_URL: controlCluster.dsn(controlName, { through: controlLine.port }),
        BOOTSTRAP_API_KEY: apiKey,
        RATE_LIMIT_PER_MINUTE: '0',
        ...(options.metricsToken === undefined ? {} : { METRICS_TOKEN: options.metricsToken }),
      };
      const start = (): Program => startProgram(API_PROGRAM, [productRoot], env);
      return new Slot({ start, ready: 'The API answers', control, controlLine, target: null, targetLine: null, port });
    }),
  );
  const workers = await Promise.all(
    Array.from({ length: options.workers }, async (_, index) => {
      const control = new Failpoints();
      const target = new Failpoints();
      const controlLine = await startProxy(controlCluster.port, control.judge);
      const targetLine = await startProxy(targetCluster.port, target.judge);
      const user = roleOf(index);
      await ensureRole(controlCluster, user);
      const metricsPort = await freePort();
      const env = {
        ...common,
        DATABASE_URL: controlCluster.dsn(controlName, { through: controlLine.port, user }),
        CHAOS_TARGET_DSN: targetCluster.dsn('DATABASE', { through: targetLine.port }),
        CONCURRENCY: String(options.concurrency ?? 4),
        MAX_TRIES: String(options.maxTries ?? 100),
        SHUTDOWN_GRACE_SECONDS: String(options.graceSeconds ?? 5),
        METRICS_PORT: String(metricsPort),
      };
      const timing = JSON.stringify({ ...QUICK_TIMING, ...options.timing });
      const offset = String(options.clockOffsetsMs?.[index] ?? 0);
      const start = (): Program => startProgram(WORKER_PROGRAM, [productRoot, timing, offset], env);
      return new Slot({ start, ready: 'Worker started.', control, controlLine, target, targetLine, port: metricsPort });
    }),
  );
  const control = openDatabase(controlCluster.dsn(controlName));
  const slots = [...apis, ...workers];
  const close = async (): Promise<void> => {
    await Promise.all(slots.map((slot) => slot.close()));
    await redisLine.close();
    await redis.remove();
    await control.close();
    await controlCluster.admin.query(`DROP DATABASE IF EXISTS ${controlName} WITH (FORCE)`);
  };
  try {
    // One after the other: the first brings the schema.
    for (const api of apis) await api.start();
    await Promise.all(workers.map((worker) => worker.start()));
  } catch (error) {
    await close();
    throw error;
  }
  const apiUrls = apis.map((api) => `http://127.0.0.1:${api.port}`);
  const http = openHttpClient(apiUrls, apiKey);
  return { http, apiUrls, apiKey, encryptionKey, workers, apis, redis, redisLine, control, controlName, close };
}

async function ensureRole({ admin, password }: Cluster, role: string): Promise<void> {
  await admin.query(`DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${password}';
    END IF; END $$`);
}
