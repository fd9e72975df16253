import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findRedis } from '../../../scripts/find-redis.mjs';
import { redisOfThisTest } from '../../../test-support/redis.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type TemporaryRoot, temporaryRoot } from '../../../test-support/temporary-root.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import { freePort } from '../src/postgres/free-port.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = fileURLToPath(new URL('fixtures/npm-start.mjs', import.meta.url));
const SETTLED = { timeout: 30_000, interval: 50 };

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  /** Resolves with the exit code. */
  readonly exit: Promise<number | null>;
  /** GET, or with a body POST. */
  call(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** Stands for a clone of the repository. */
let checkout: TemporaryRoot;

beforeAll(async () => {
  checkout = await temporaryRoot();
  await chmod(checkout.path, 0o755);
  for (const folder of ['create', 'deployment', 'manual-deployment']) {
    await cp(join(REPOSITORY, folder), join(checkout.path, folder), { recursive: true });
  }
});

afterAll(() => checkout.remove());

async function npmStart(environment: Record<string, string> = {}, redis = findRedis() ?? ''): Promise<Started> {
  const port = Number(environment['PORT'] ?? (await freePort()));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [PROGRAM, checkout.path, redis], {
    cwd: checkout.path,
    env: { PATH, HOME, PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += text.toString()));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
    await vi.waitFor(() => expect(childrenOf(checkout.path)).toEqual([]), SETTLED);
  });
  return {
    child,
    port,
    output: () => output,
    exit,
    call: async (path, body) => {
      const key = (await readFile(join(checkout.path, '.local/api-key'), 'utf8')).trim();
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
  };
}

/** Waits until it says that it is up. */
async function ready(started: Started): Promise<void> {
  await vi.waitFor(() => {
    if (started.child.exitCode !== null) throw new Error(`It ended: ${started.output()}`);
    expect(started.output()).toContain('Ctrl-C stops everything');
  }, SETTLED);
}

/** Process and command line of each server that works for a checkout, and of their watchers. */
function childrenOf(folder: string): string[] {
  const local = join(folder, '.local');
  const ownerFile = join(local, 'redis-owner');
  // Redis shows its port alone.
  const [redis = ''] = existsSync(ownerFile) ? readFileSync(ownerFile, 'utf8').split(' ') : [];
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => !line.includes('npm-start.mjs'))
    .filter((line) => line.includes(local) || (line.startsWith(`${redis} `) && line.includes('redis-server')));
}

async function deployments(started: Started): Promise<Record<string, unknown>[]> {
  const { body } = await started.call('/v1/deployments?target=local');
  return body['items'] as Record<string, unknown>[];
}

describe('npm start', () => {
  test('brings the example to its target on the first start, and finds all in place on the second', async () => {
    const first = await npmStart();
    await ready(first);
    expect(first.output()).toContain('✓ create/1-tables/tbl_room.sql');
    const key = (await readFile(join(checkout.path, '.local/api-key'), 'utf8')).trim();
    expect(first.output()).toContain(key);
    expect((await stat(join(checkout.path, '.local/api-key'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(checkout.path, '.local/encryption-key'))).mode & 0o777).toBe(0o600);
    const [, code = ''] = /^ {2}Dashboard http:\/\/localhost:\d+\/#sign-in=(\S+)$/m.exec(first.output()) ?? [];
    expect(await first.call('/v1/sign-in', { code })).toMatchObject({ status: 201, body: { role: 'admin' } });
    expect((await first.call('/v1/sign-in', { code })).status).toBe(401);
    const made = await deployments(first);
    expect(made.map(({ mode, status }) => ({ mode, status }))).toEqual([
      { mode: 'deployment', status: 'succeeded' },
      { mode: 'create', status: 'succeeded' },
    ]);

    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
    expect(childrenOf(checkout.path)).toEqual([]);

    const second = await npmStart();
    await ready(second);
    expect(second.output()).not.toContain('First start');
    expect(second.output()).not.toContain(key);
    expect(await deployments(second)).toEqual(made);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('leaves nothing behind when it is killed, and starts again on the same data', async () => {
    const killed = await npmStart();
    await ready(killed);
    expect(childrenOf(checkout.path).length).toBeGreaterThan(0);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const again = await npmStart();
    await ready(again);
    expect(await deployments(again)).toHaveLength(2);
    again.child.kill('SIGKILL');
    await again.exit;
    await vi.waitFor(() => expect(childrenOf(checkout.path)).toEqual([]), SETTLED);
  });

  test('says who has its port, and what to type instead', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(async () => {
      other.close();
      await once(other, 'close');
    });
    const { port } = other.address() as AddressInfo;
    const refused = await npmStart({ PORT: String(port) });
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain(`Port ${port} is in use`);
    expect(refused.output()).toMatch(/PORT=\d+ npm start/);
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('ends what it has started when there is no Redis to be had', async () => {
    const refused = await npmStart({}, '');
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain('There is no redis-server here');
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('ends all when one of its servers ends', async () => {
    const started = await npmStart();
    await ready(started);
    const [pid = ''] = (await readFile(join(checkout.path, '.local/redis-owner'), 'utf8')).split(' ');
    process.kill(Number(pid), 'SIGTERM');
    expect(await started.exit).toBe(1);
    expect(started.output()).toContain('Redis has stopped by itself');
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('does not wait for what runs when Ctrl-C comes twice', async () => {
    const started = await npmStart();
    await ready(started);
    await checkout.write({ 'deployment/00002-slow.sql': 'select pg_sleep(600);' });
    onTestFinished(() => rm(join(checkout.path, 'deployment/00002-slow.sql')));
    const entered = await started.call('/v1/deployments', { target: 'local', mode: 'deployment' });
    expect(entered.status).toBe(202);
    await vi.waitFor(async () => {
      const { body } = await started.call(`/v1/deployments/${String(entered.body['id'])}`);
      expect(body['steps']).toMatchObject([{ status: 'running' }]);
    }, SETTLED);
    started.child.kill('SIGINT');
    await vi.waitFor(() => expect(started.output()).toContain('Ctrl-C again'), SETTLED);
    // Two that come at once are one: npm passes on what the terminal has sent already.
    await pause(400);
    started.child.kill('SIGINT');
    expect(await started.exit).toBe(0);
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('uses a control database and a Redis that it is given, and registers nothing there', async () => {
    const database = await createTestDatabase(anyServer());
    onTestFinished(() => database.drop());
    const redis = await redisOfThisTest();
    const started = await npmStart({
      DATABASE_URL: database.dsn,
      REDIS_URL: redis.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    });
    await ready(started);
    expect(started.output()).toContain('Register a target');
    expect((await started.call('/v1/targets')).body['items']).toEqual([]);
    expect(childrenOf(checkout.path)).toEqual([]);
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  test('says so when the control database that it is given is not there', async () => {
    const refused = await npmStart({
      DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${await freePort()}/control`,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    });
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain('The control database cannot be used');
    expect(refused.output()).not.toContain('secret');
    expect(childrenOf(checkout.path)).toEqual([]);
  });

  test('wants an encryption key where the control database is somebody’s own', async () => {
    const refused = await npmStart({ DATABASE_URL: 'postgres://localhost/control' });
    expect(await refused.exit).toBe(2);
    expect(refused.output()).toContain('openssl rand -base64 32');
  });
});
