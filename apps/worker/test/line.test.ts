import { requestCancel } from '@postgres-manager/control-plane';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import { LOCK_KEY } from '../../../libs/sql-deploy/src/target/lock.ts';
import { eventually, openStage, type Stage } from './support/stage.ts';

describe('the line of a target', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.worker({ concurrency: 2 });
  });
  afterAll(() => stage.close());

  const sleeping = (seconds: number) => stage.bundle({ 'deployment/00000-sleep.sql': `SELECT pg_sleep(${seconds});` });

  async function sleepers(database: { query(sql: string): Promise<unknown[]> }): Promise<number> {
    return (
      await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'postgres-manager %'`,
      )
    ).length;
  }

  test('is served first come, first served, while other targets go on', async () => {
    const [one, other] = [await stage.target(), await stage.target()];
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      // Each file waits for nobody but its own line; the bundles grow, so that order decides what each applies.
      const files = Object.fromEntries(
        Array.from({ length: i + 1 }, (_, n) => [`deployment/0000${n}-f.sql`, `SELECT pg_sleep(0.2), ${n};`]),
      );
      ids.push(await stage.deploy(one.name, await stage.bundle(files)));
    }
    const quick = await stage.final(
      await stage.deploy(other.name, await stage.bundle({ 'deployment/00000-q.sql': 'SELECT 1;' })),
    );
    const details = await Promise.all(ids.map((id) => stage.final(id)));
    for (const [i, detail] of details.entries()) {
      expect(detail).toMatchObject({ status: 'succeeded', summary: { applied: [`deployment/0000${i}-f.sql`] } });
    }
    const finished = details.map((detail) => detail.finishedAt ?? '');
    expect([...finished].sort()).toEqual(finished);
    expect((quick.finishedAt ?? '') < (finished.at(-1) ?? '')).toBe(true);
  });

  test('a target whose lock is another’s holds no slot, and says who has it', async () => {
    const busy = await Promise.all(Array.from({ length: 4 }, () => stage.target()));
    const holders = await Promise.all(busy.map(({ database }) => database.connect()));
    await Promise.all(holders.map((holder) => holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`)));
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    const waiting = await Promise.all(busy.map(({ name }) => stage.deploy(name, bundle)));
    const details = await Promise.all(
      waiting.map((id) => stage.until(id, ({ waitingFor }) => waitingFor?.kind === 'lock')),
    );
    expect(details[0]?.waitingFor).toMatchObject({ holder: expect.stringMatching(/^backend \d+: /) as string });
    // Two slots, four targets that wait: a fifth goes on all the same.
    const free = await stage.target();
    expect(await stage.final(await stage.deploy(free.name, bundle))).toMatchObject({ status: 'succeeded' });
    const first = waiting[0] ?? '';
    const since = (await stage.until(first, ({ waitingFor }) => waitingFor?.kind === 'lock')).waitingFor;
    await eventually(
      () => stage.events(first),
      (events) => events.filter(({ type }) => type === 'started').length >= 3,
    );
    expect((await stage.until(first, ({ waitingFor }) => waitingFor?.kind === 'lock')).waitingFor).toMatchObject({
      since: since?.kind === 'lock' ? since.since : '',
    });
    await Promise.all(holders.map((holder) => holder.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`)));
    const ended = await Promise.all(waiting.map((id) => stage.final(id)));
    for (const detail of ended) {
      expect(detail).toMatchObject({ status: 'succeeded', attempts: [{ number: 1, outcome: 'succeeded' }] });
      expect(detail.attempts[0]?.lockWaitMs).toBeGreaterThan(0);
    }
    expect((await stage.events(first)).filter(({ type }) => type === 'waiting')).toHaveLength(1);
  });

  test('a target that is away is tried again, and each attempt is told of', async () => {
    const { database } = await stage.target();
    const name = `away-${database.name}`;
    const url = new URL(database.dsn);
    url.port = '1';
    await stage.register(name, url.href);
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    const id = await stage.deploy(name, bundle);
    const waiting = await stage.until(id, ({ waitingFor }) => waitingFor?.kind === 'time');
    expect(waiting.waitingFor).toMatchObject({ reason: expect.stringContaining('cannot be reached') as string });
    await stage.register(name, database.dsn);
    const detail = await stage.final(id);
    expect(detail.status).toBe('succeeded');
    expect(detail.attempts[0]).toMatchObject({ outcome: 'retry', failure: { code: 'unreachable' } });
    expect(detail.attempts.at(-1)).toMatchObject({ outcome: 'succeeded', failure: null });
    expect((await stage.events(id)).map(({ type }) => type)).toContain('retry');
  });

  test('tries have an end', async () => {
    const { database } = await stage.target();
    const url = new URL(database.dsn);
    url.port = '1';
    const name = `gone-${database.name}`;
    await stage.register(name, url.href);
    const worker = await openStage().then(async (own) => {
      onTestFinished(() => own.close());
      return own;
    });
    await worker.register(name, url.href);
    await worker.worker({ maxTries: 2 });
    const id = await worker.deploy(name, await worker.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' }));
    const detail = await worker.final(id);
    expect(detail).toMatchObject({
      status: 'failed',
      failure: { code: 'unreachable' },
      attempts: [{ outcome: 'retry' }, { outcome: 'failed' }],
    });
  });

  test('what cannot pass is not tried again: a wrong password, another database than before', async () => {
    const { database, name } = await stage.target();
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    const url = new URL(database.dsn);
    url.username = 'nobody_of_that_name';
    await stage.register('wrong-user', url.href);
    expect(await stage.final(await stage.deploy('wrong-user', bundle))).toMatchObject({
      status: 'failed',
      failure: { code: 'authentication_failed' },
      attempts: [{ number: 1 }],
      summary: { result: 'refused' },
    });
    expect(await stage.final(await stage.deploy(name, bundle))).toMatchObject({ status: 'succeeded' });
    const swapped = await stage.target();
    await stage.register(name, swapped.database.dsn);
    const refused = await stage.final(await stage.deploy(name, bundle));
    expect(refused).toMatchObject({ status: 'failed', failure: { code: 'wrong_database' }, steps: [] });
    expect(await swapped.database.query(`SELECT FROM pg_namespace WHERE nspname = 'postgres_manager'`)).toEqual([]);
  });

  test('a secret that cannot be had fails, and says why', async () => {
    const { database, name } = await stage.target();
    await stage.db.database.query(`UPDATE control_plane.targets SET secret_key_id = 'feedbeef' WHERE name = $1`, [
      name,
    ]);
    const id = await stage.deploy(name, await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' }));
    const detail = await stage.final(id);
    expect(detail).toMatchObject({ status: 'failed', failure: { code: 'secret_unresolvable' } });
    expect(JSON.stringify(detail)).not.toContain(database.dsn);
  });

  test('a running statement is cancelled on the server, and cancelled is said when its backend is gone', async () => {
    const { name, database } = await stage.target();
    const bundle = await stage.bundle({
      'deployment/00000-a.sql': 'CREATE TABLE a ();',
      'deployment/00001-b.sql': 'CREATE TABLE b (); SELECT pg_sleep(600);',
    });
    const id = await stage.deploy(name, bundle);
    const next = await stage.deploy(name, await sleeping(0));
    await stage.until(id, ({ steps }) => steps[1]?.status === 'running');
    const asked = performance.now();
    await requestCancel(stage.db.control, id, TESTER);
    const detail = await stage.final(id);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(detail).toMatchObject({
      status: 'cancelled',
      summary: { applied: ['deployment/00000-a.sql'] },
      steps: [{ status: 'applied' }, { status: 'failed', failure: { code: 'cancelled' } }],
    });
    await stage.final(next);
    expect(await sleepers(database)).toBe(0);
    expect(await database.query(`SELECT FROM pg_class WHERE relname = 'b'`)).toEqual([]);
  });

  test('a cancel that the bell tells of arrives at once', async () => {
    const { name } = await stage.target();
    const id = await stage.deploy(name, await sleeping(600));
    await stage.until(id, ({ steps }) => steps[0]?.status === 'running');
    await requestCancel(stage.db.control, id, TESTER);
    stage.bell.tell({ deploymentIds: [id], cancel: true });
    expect(await stage.final(id, 3000)).toMatchObject({ status: 'cancelled' });
  });

  test('what was not begun is cancelled at once and never runs', async () => {
    const { name, database } = await stage.target();
    const holder = await database.connect();
    await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
    const id = await stage.deploy(name, await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE a ();' }));
    await stage.until(id, ({ waitingFor }) => waitingFor?.kind === 'lock');
    await eventually(
      async () => (await requestCancel(stage.db.control, id, TESTER))?.status,
      (status) => status === 'cancelled' || status === 'cancelling',
    );
    await holder.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
    expect(await stage.final(id)).toMatchObject({ status: 'cancelled' });
    // The next of the line has come and gone: it would have been before that one.
    expect(await stage.final(await stage.deploy(name, await sleeping(0)))).toMatchObject({ status: 'succeeded' });
    expect(await database.query(`SELECT FROM pg_class WHERE relname = 'a'`)).toEqual([]);
  });

  test('one that is not to begin yet begins when its time has come', async () => {
    const { name } = await stage.target();
    const notBefore = new Date(Date.now() + 1000);
    const id = await stage.deploy(name, await sleeping(0), { notBefore: notBefore.toISOString() });
    expect((await stage.detail(id)).status).toBe('scheduled');
    const detail = await stage.final(id);
    expect(Date.parse(detail.startedAt ?? '')).toBeGreaterThanOrEqual(notBefore.getTime());
  });
});
