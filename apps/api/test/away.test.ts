import { connect, createServer, type Server, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { type ApiConfig, startApi } from '@postgres-manager/api';
import { generateKey, readKeyring } from '@postgres-manager/control-plane';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../standalone/src/postgres/free-port.ts';
import { randomEncryptionKey } from '../../../test-support/control-database.ts';
import { startTestRedis } from '../../../test-support/redis.ts';
import { anyServer, type TestServer } from '../../../test-support/servers.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import { openStage, until } from './support/service-stage.ts';

/** A way to a server that can be closed, and made to swallow everything. */
interface Way {
  readonly port: number;
  freeze(): void;
  thaw(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

async function wayTo(server: TestServer): Promise<Way> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let listener: Server | null = null;
  const way: Way = {
    port,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    open: () =>
      new Promise((resolve) => {
        listener = createServer((incoming) => {
          const outgoing = connect(server.port, server.host);
          for (const [from, to] of [
            [incoming, outgoing],
            [outgoing, incoming],
          ] as const) {
            sockets.add(from);
            from.on('data', (bytes) => to.write(bytes));
            from.on('error', () => to.destroy());
            from.on('close', () => {
              sockets.delete(from);
              to.destroy();
            });
            if (isFrozen) from.pause();
          }
        }).listen(port, '127.0.0.1', () => resolve());
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => (listener === null ? resolve() : listener.close(() => resolve())));
      listener = null;
    },
  };
  onTestFinished(() => way.close());
  return way;
}

async function configFor(way: Way): Promise<ApiConfig> {
  const server = anyServer();
  const [database, redis] = await Promise.all([createTestDatabase(server), startTestRedis()]);
  onTestFinished(async () => {
    await Promise.all([database.drop(), redis.stop()]);
  });
  const dsn = new URL(database.dsn);
  dsn.host = `127.0.0.1:${way.port}`;
  return {
    databaseUrl: dsn.href,
    redisUrl: redis.url,
    port: await freePort(),
    host: '127.0.0.1',
    keyring: readKeyring(randomEncryptionKey(), null),
    bootstrapKey: generateKey(),
    sqlRoot: '.',
    logLevel: 'silent',
    rateLimitPerMinute: 0,
    bundleLimitBytes: 1024 * 1024,
    metricsToken: null,
    otlpEndpoint: null,
    maxConnections: 4,
  };
}

const statusOf = async (config: ApiConfig, path: string, init: RequestInit = {}): Promise<number> => {
  const headers = { authorization: `Bearer ${config.bootstrapKey}`, 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${config.port}${path}`, {
    ...init,
    headers: { ...headers, ...init.headers },
  });
  await response.text();
  return response.status;
};

test('started before its control database the API answers 503, and goes to work when that is there', async () => {
  const way = await wayTo(anyServer());
  const config = await configFor(way);
  const starting = startApi(config);
  await until(
    () => statusOf(config, '/healthz').catch(() => 0),
    (status) => status === 200,
  );
  expect(await statusOf(config, '/v1/targets')).toBe(503);
  expect(await statusOf(config, '/readyz')).toBe(503);
  expect(await statusOf(config, '/metrics')).toBe(200);
  await way.open();
  const api = await starting;
  onTestFinished(() => api.close());
  expect(await statusOf(config, '/v1/targets')).toBe(200);
  expect(await statusOf(config, '/readyz')).toBe(200);
});

test('waiting for the control database is given up when that is asked for', async () => {
  const way = await wayTo(anyServer());
  const giveUp = new AbortController();
  const config = { ...(await configFor(way)), giveUp: giveUp.signal };
  const starting = startApi(config);
  await until(
    () => statusOf(config, '/healthz').catch(() => 0),
    (status) => status === 200,
  );
  giveUp.abort();
  await expect(starting).rejects.toThrow(/abort/i);
  await expect(statusOf(config, '/healthz')).rejects.toThrow('fetch failed');
});

test('with Redis away from the start a deployment is recorded within two seconds', async () => {
  const stage = await openStage(anyServer(), { redisUrl: `redis://127.0.0.1:${await freePort()}` });
  onTestFinished(() => stage.close());
  await stage.target('one');
  const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const started = performance.now();
  const reply = await stage.call('POST', '/v1/deployments', {
    body: { target: 'one', mode: 'deployment', bundle },
    headers: { prefer: 'wait=0' },
  });
  expect(reply.status).toBe(202);
  expect(performance.now() - started).toBeLessThan(2000);
  expect((await stage.call('GET', '/metrics')).text).toContain('postgres_manager_queue_jobs{state="unknown"} -1');
});

test('a control database that takes everything and answers nothing: 503 within two seconds, also in a transaction', async () => {
  const way = await wayTo(anyServer());
  await way.open();
  const config = await configFor(way);
  const api = await startApi(config);
  onTestFinished(() => api.close());
  const register = { method: 'PUT', body: JSON.stringify({ dsnEnv: 'SOME_DSN' }) };
  expect(await statusOf(config, '/v1/targets/one', register)).toBe(201);
  way.freeze();
  const calls: [string, RequestInit][] = [
    ['/v1/targets', {}],
    ['/v1/targets/one', register],
    [`/v1/deployments/${randomUUID()}`, {}],
    ['/readyz', {}],
  ];
  await Promise.all(
    calls.map(async ([path, init]) => {
      const started = performance.now();
      expect([path, await statusOf(config, path, init)]).toEqual([path, 503]);
      expect(performance.now() - started, path).toBeLessThan(2000);
    }),
  );
  way.thaw();
  await until(
    () => statusOf(config, '/v1/targets'),
    (status) => status === 200,
  );
});
