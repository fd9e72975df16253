import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  claimDeliveries,
  createWebhook,
  enterTestDelivery,
  findTarget,
  generateWebhookSecret,
  openWebhookSecret,
  readKeyring,
  rotateWebhookSecret,
  sealWebhookSecret,
} from '@postgres-manager/control-plane';
import { expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import { eventually, openStage } from './support/stage.ts';
import { environmentOf, startProgram } from './support/worker-process.ts';

const ROTATE = fileURLToPath(new URL('../bin/rotate-encryption-key.js', import.meta.url));

test('a faulty environment is refused at start, every fault at once and no value shown', async () => {
  const program = startProgram({ DATABASE_URL: 'postgres://', CONCURRENCY: 'many', LOG_LEVEL: 'loud' });
  expect(await program.exited).toBe(2);
  const output = program.output();
  for (const part of [
    'DATABASE_URL',
    'REDIS_URL',
    'ENCRYPTION_KEY',
    'openssl rand -base64 32',
    'CONCURRENCY',
    'LOG_LEVEL',
  ]) {
    expect(output).toContain(part);
  }
  expect(output).not.toContain('many');
});

test('a control database that is away is waited for, and said', async () => {
  const program = startProgram({
    DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d',
    REDIS_URL: 'redis://127.0.0.1:1',
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  });
  await program.said('cannot be reached');
  await program.said('tried again until it answers');
  program.signal('SIGTERM');
  expect(await program.exited).toBe(0);
});

test('metrics are served where asked for', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const worker = await stage.worker({ metricsPort: 0 });
  const { name } = await stage.target();
  await stage.final(await stage.deploy(name, await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' })));
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)).text();
  const text = await eventually(scrape, (seen) => seen.includes('outcome="succeeded"'));
  expect(text).toContain('postgres_manager_worker_steps_total{outcome="applied"} 1');
  expect(text).toContain('postgres_manager_worker_running 0');
});

test('the program that rotates the encryption key seals every DSN and webhook’s secret again, and says which it could not', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const { name } = await stage.target();
  const { name: broken } = await stage.target();
  await stage.db.database.query(`UPDATE control_plane.targets SET secret = '\\x01' WHERE name = $1`, [broken]);
  const webhook = randomUUID();
  const [before, after] = [generateWebhookSecret(), generateWebhookSecret()];
  const seal = (secret: string) => sealWebhookSecret(secret, webhook, stage.keyring);
  const wanted = { id: webhook, url: 'https://a.example/', description: null, events: ['*'], labels: {} };
  await createWebhook(stage.db.control, { ...wanted, secret: seal(before) }, TESTER);
  await rotateWebhookSecret(stage.db.control, webhook, seal(after), 3_600_000, TESTER);
  const env = {
    ...environmentOf(stage),
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    ENCRYPTION_KEY_PREVIOUS: stage.encryptionKey,
  };
  const rotated = await promisify(execFile)(process.execPath, [ROTATE], { env }).catch(
    (error: { code: number; stdout: string }) => error,
  );
  expect(rotated).toMatchObject({ code: 1 });
  expect(rotated.stdout).toContain(`rotated  ${name}`);
  expect(rotated.stdout).toContain(`failed   ${broken}`);
  expect(rotated.stdout).toContain(`rotated  webhook ${webhook}`);
  await enterTestDelivery(stage.db.control, webhook, TESTER);
  const [claimed] = await claimDeliveries(stage.db.control, new Map(), { perWebhook: 1, leaseMs: 0 });
  const keyring = readKeyring(env.ENCRYPTION_KEY, null);
  expect(claimed?.secrets.map((secret) => openWebhookSecret(secret, webhook, keyring))).toEqual([after, before]);
  expect(await findTarget(stage.db.control, name, {})).not.toBeNull();
  await stage.db.database.query(`UPDATE control_plane.targets SET removed_at = now() WHERE name = $1`, [broken]);
  const again = await promisify(execFile)(process.execPath, [ROTATE], { env });
  expect(again.stdout).toContain('0 rotated');
});
