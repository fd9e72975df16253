import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../standalone/src/postgres/free-port.ts';
import { randomEncryptionKey } from '../../../test-support/control-database.ts';
import { redisOfThisTest } from '../../../test-support/redis.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import { until } from './support/service-stage.ts';

const PROGRAM = fileURLToPath(new URL('../bin/postgres-manager-api.js', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  said(): { out: string; err: string };
}

function start(env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [PROGRAM], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, exited: new Promise((resolve) => child.once('exit', resolve)), said: () => ({ out, err }) };
}

async function environment(): Promise<Record<string, string>> {
  const database = await createTestDatabase(anyServer());
  onTestFinished(() => database.drop());
  const redis = await redisOfThisTest();
  return {
    DATABASE_URL: database.dsn,
    REDIS_URL: redis.url,
    PORT: String(await freePort()),
    ENCRYPTION_KEY: randomEncryptionKey(),
  };
}

const answers = (port: string | undefined): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (response) => response.ok,
    () => false,
  );

test('everything that is wrong with the environment is said at once, with the command that makes a key', async () => {
  const api = start({ PORT: 'abc', REDIS_URL: 'http://x' });
  expect(await api.exited).toBe(2);
  const { err } = api.said();
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'PORT', 'ENCRYPTION_KEY', 'openssl rand -base64 32']) {
    expect(err).toContain(name);
  }
});

test('the first start shows an admin key once, apart from the log, and SIGTERM ends it in good order', async () => {
  const env = await environment();
  const first = start(env);
  await until(
    () => answers(env['PORT']),
    (ok) => ok,
  );
  const [key = ''] = /pgm_[\w-]{43}/.exec(first.said().err) ?? [];
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`http://127.0.0.1:${env['PORT']}/v1/targets`, { headers })).status).toBe(200);
  expect(first.said().out).not.toContain(key);
  // A stream is open: it ends, and holds up nobody.
  const stream = await fetch(`http://127.0.0.1:${env['PORT']}/v1/events`, { headers });
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  await stream.text();

  const second = start(env);
  await until(
    () => answers(env['PORT']),
    (ok) => ok,
  );
  expect(second.said().err).not.toMatch(/pgm_/);
  const third = start(env);
  expect(await third.exited).toBe(1);
  expect(third.said().err).toContain(`Port ${env['PORT']} of 127.0.0.1 is in use`);
  second.child.kill('SIGINT');
  expect(await second.exited).toBe(0);
});

test('a signal ends the waiting for a control database that is away', async () => {
  const env = await environment();
  env['DATABASE_URL'] = `postgres://u@127.0.0.1:${await freePort()}/d`;
  const api = start(env);
  await until(
    () =>
      fetch(`http://127.0.0.1:${env['PORT']}/v1/targets`).then(
        (response) => response.status,
        () => 0,
      ),
    (status) => status === 503,
  );
  await until(
    () => Promise.resolve(api.said().out),
    (out) => out.includes('it is tried again'),
  );
  api.child.kill('SIGTERM');
  expect(await api.exited).toBe(0);
});
