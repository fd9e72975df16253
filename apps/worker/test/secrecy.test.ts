import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { LOCK_KEY } from '../../../libs/sql-deploy/src/target/lock.ts';
import { openStage } from './support/stage.ts';
import { startQuickProcess } from './support/worker-process.ts';

test('no secret is in any job, message, event, row or log', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const canary = `canary${randomBytes(12).toString('hex')}`;
  const { database } = await stage.target();
  const role = `role_${database.name}`;
  await database.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${canary}'`);
  onTestFinished(async () => {
    await database.query(`DROP OWNED BY ${role} CASCADE`);
    await database.query(`DROP ROLE ${role}`);
  });
  const url = new URL(database.dsn);
  url.username = role;
  url.password = canary;
  const redis = new Redis(stage.redis.url);
  onTestFinished(() => redis.disconnect());
  const said: string[] = [];
  const monitor = await redis.monitor();
  onTestFinished(() => monitor.disconnect());
  monitor.on('monitor', (_time: string, args: string[]) => said.push(args.join(' ')));
  const worker = await startQuickProcess(stage, { LOG_LEVEL: 'trace', CANARY_DSN: url.href, MAX_TRIES: '2' });

  const good = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const wrong = await stage.bundle({
    'deployment/00000-a.sql': 'SELECT 1;',
    'deployment/00001-b.sql': 'SELECT wrong;',
  });
  await stage.register('good', url.href);
  const ids = [await stage.deploy('good', good), await stage.deploy('good', wrong)];
  const away = new URL(url);
  away.port = '1';
  await stage.register('away', away.href);
  ids.push(await stage.deploy('away', good));
  const refused = new URL(url);
  refused.password = `${canary}-wrong`;
  refused.username = 'nobody_of_that_name';
  await stage.register('refused', refused.href);
  ids.push(await stage.deploy('refused', good));
  const details = await Promise.all(ids.map((id) => stage.final(id)));
  expect(details.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed', 'failed']);

  const holder = await database.connect();
  await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
  const busy = await stage.deploy('good', good);
  await stage.until(busy, ({ waitingFor }) => waitingFor?.kind === 'lock');
  await holder.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
  await stage.final(busy);
  worker.signal('SIGKILL');
  await worker.exited;

  const rows = await stage.db.database.query(
    `SELECT to_jsonb(d)::text AS row FROM control_plane.deployments d UNION ALL
     SELECT to_jsonb(e)::text FROM control_plane.events e UNION ALL SELECT to_jsonb(s)::text FROM control_plane.steps s
     UNION ALL SELECT to_jsonb(a)::text FROM control_plane.attempts a
     UNION ALL SELECT to_jsonb(t)::text FROM control_plane.targets t
     UNION ALL SELECT to_jsonb(l)::text FROM control_plane.audit_log l`,
  );
  expect(said.length).toBeGreaterThan(10);
  for (const text of [said.join('\n'), worker.output(), JSON.stringify(rows), JSON.stringify(details)]) {
    expect(text.length).toBeGreaterThan(100);
    expect(text.includes(canary)).toBe(false);
    expect(text.includes(Buffer.from(canary).toString('base64').slice(0, 20))).toBe(false);
    expect(text.includes(stage.encryptionKey)).toBe(false);
  }
});
