import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../apps/standalone/dist/postgres/free-port.js';
import { startRedis } from '../../apps/standalone/dist/redis/start-redis.js';
import { findRedis } from '../../scripts/find-redis.mjs';

const API_PROGRAM = fileURLToPath(new URL('../../apps/api/bin/postgres-manager-api.js', import.meta.url));
const WORKER_PROGRAM = fileURLToPath(new URL('../../apps/worker/bin/postgres-manager-worker.js', import.meta.url));
const START_PATIENCE_MS = 30_000;
/** Connections of the API to the control database; the bare server gets as many. */
export const POOL_SIZE = 10;

/** A Redis as the service has it in use: on disk, flushed each second. */
export async function startOwnRedis() {
  const program = findRedis();
  if (program === null) throw new Error('there is no redis-server on this machine');
  const folder = await mkdtemp(join(tmpdir(), 'postgres-manager-bench-redis-'));
  const redis = await startRedis({ program, dataDirectory: folder, port: null });
  return {
    url: redis.url,
    stop: async () => {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * API and, unless `concurrency` is null, worker as processes of their own, on a control database of their own.
 * @param {{server: {dsn: (name: string) => string}, admin: import('pg').Client}} context
 * @param {{concurrency: number | null, environment?: Record<string, string>}} options
 */
export async function startService({ server, admin }, { concurrency, environment = {} }) {
  const name = `control_${randomBytes(4).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const stops = [];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  try {
    const redis = await startOwnRedis();
    stops.push(() => redis.stop());
    const port = await freePort();
    const key = `pgm_${randomBytes(32).toString('base64url')}`;
    const common = {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      DATABASE_URL: server.dsn(name),
      REDIS_URL: redis.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'warn',
      ...environment,
    };
    const api = startProgram(API_PROGRAM, {
      ...common,
      PORT: String(port),
      BOOTSTRAP_API_KEY: key,
      RATE_LIMIT_PER_MINUTE: '0',
      DATABASE_CONNECTIONS: String(POOL_SIZE),
    });
    stops.push(api.stop);
    const url = `http://127.0.0.1:${port}`;
    await until('the API answers', api, async () => (await fetch(`${url}/readyz`)).ok);
    const call = callerOf(url, key);
    let worker = null;
    if (concurrency !== null) {
      worker = startProgram(WORKER_PROGRAM, { ...common, CONCURRENCY: String(concurrency) });
      stops.push(worker.stop);
      await until('the worker lives', worker, async () =>
        (await call('GET', '/v1/workers')).items.some(({ alive }) => alive),
      );
    }
    return { url, port, key, call, name, redisUrl: redis.url, apiPid: api.pid, workerPid: worker?.pid ?? null, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A Node program that runs until it is stopped.
 * @param {string} program
 * @param {Record<string, string>} env
 * @param {string[]} [programArguments]
 */
export function startProgram(program, env, programArguments = []) {
  const child = spawn(process.execPath, [program, ...programArguments], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = (output + chunk).slice(-4000);
    });
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits until `isSo` says yes; a refused connection is a no. */
export async function until(what, program, isSo) {
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    if (program.hasEnded()) throw new Error(`waiting until ${what}: the program ended.\n${program.output()}`);
    const yes = await isSo().catch((error) => {
      if (performance.now() > deadline) throw error;
      return false;
    });
    if (yes) return;
    if (performance.now() > deadline) throw new Error(`waiting until ${what}: too long.\n${program.output()}`);
    await sleep(50);
  }
}

/** Calls a route; gives the parsed answer, throws for anything but 2xx. */
function callerOf(url, key) {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

/** Runs `act` for each item, so many at a time. */
export async function forEachOf(items, atOnce, act) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}
