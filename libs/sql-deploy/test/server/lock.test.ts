import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { LOCK_KEY } from '../../src/target/lock.ts';
import { deployments, expected, makeTarget, path, type Target, targetOn, until } from './target.ts';

/** Holds up a file that asks for advisory lock 1. @returns lets it go */
async function holdUp(target: Target): Promise<() => Promise<unknown>> {
  const blocker = await target.database.connect();
  await blocker.query('select pg_advisory_lock(1)');
  return () => blocker.query('select pg_advisory_unlock(1)');
}

const HELD_UP = 'create table held (); select pg_advisory_xact_lock(1);';

async function event<T extends string>(
  target: Target,
  type: T,
): Promise<Extract<Target['events'][number], { type: T }>> {
  return await until(
    () =>
      target.events.find((found) => found.type === type) as Extract<Target['events'][number], { type: T }> | undefined,
  );
}

describeEachServer('the lock on a target', (server) => {
  test('makes a second run wait, which then finds nothing to do', async () => {
    const first = await makeTarget(server);
    const second = targetOn(first.database);
    const letGo = await holdUp(first);
    const files = deployments('create table a ();', HELD_UP, 'create table b ();');
    const one = first.run('deployment', files, { lockTimeoutMs: 0 });
    await event(first, 'step_started');
    const two = second.run('deployment', files);
    const { holder } = await event(second, 'waiting_for_lock');
    const connected = await event(first, 'connected');
    expect(holder).toContain(`backend ${connected.backendPid}: postgres-manager`);
    await letGo();
    expect(await one).toEqual(expected({ status: 'succeeded', applied: Object.keys(files) }));
    expect(await two).toEqual(expected({ status: 'nothing_to_do', skipped: 3 }));
  });

  test('is busy when the wait is over, names its holder, and changes nothing', async () => {
    const first = await makeTarget(server);
    const holder = await first.database.connect();
    await holder.query(`set application_name to 'somebody else'; select pg_advisory_lock(${LOCK_KEY})`);
    const run = await first.run('deployment', deployments('create table a ();'), { lockWaitMs: 100 });
    expect(run).toEqual(
      expected({ status: 'busy', failed: { file: null, line: null, column: null, sqlstate: null, code: 'lock_busy' } }),
    );
    expect(run.whole.failed?.message).toMatch(/backend \d+: somebody else, user postgres/);
    expect(await first.tables()).toEqual([]);
    expect(await first.database.query(`select 1 from pg_namespace where nspname = 'postgres_manager'`)).toEqual([]);
    // Reading needs no lock.
    expect(await first.run('deployment', deployments('select 1;'), { dryRun: true })).toMatchObject({
      status: 'succeeded',
    });
    expect((await first.status(deployments('select 1;'))).failed).toBeNull();
  });

  test('lets six at once apply each file once', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table counted (file int)');
    const files = deployments(...Array.from({ length: 30 }, (_, i) => `insert into counted values (${i});`));
    const runs = await Promise.all(Array.from({ length: 6 }, () => targetOn(target.database).run('deployment', files)));
    expect(runs.flatMap((run) => run.applied)).toEqual(Object.keys(files));
    expect(runs.map(({ status }) => status).sort()).toEqual([...Array<string>(5).fill('nothing_to_do'), 'succeeded']);
    expect(
      await target.database.query('select count(*)::int, count(distinct file)::int as files from counted'),
    ).toEqual([{ count: 30, files: 30 }]);
  });

  test.each([
    ['in the middle of a batch', `do $$ begin execute 'select pg_advisory_un' || 'lock_all()'; end $$;`],
    [
      'in a function made before',
      `create function f() returns void language plpgsql as $$ begin execute 'select pg_advisory_unlock' || '_all()'; end $$; select f();`,
    ],
  ])('dropped by code in a file rolls that file back: %s', async (_title, unlock) => {
    const target = await makeTarget(server);
    const run = await target.run('deployment', deployments('create table a ();', unlock, 'create table late ();'));
    expect(run).toEqual(
      expected({
        status: 'failed',
        applied: [path(0)],
        notStarted: [path(2)],
        failed: { file: path(1), line: null, column: null, sqlstate: '42704', code: 'lock_lost' },
      }),
    );
    expect(await target.tables()).toEqual(['a']);
    expect(await target.ledger()).toEqual([`${path(0)} run`]);
  });

  test('dropped by code in the last file is noticed', async () => {
    const target = await makeTarget(server);
    const run = await target.run('create', {
      'create/1/1.sql': `do $$ begin execute 'select pg_advisory_un' || 'lock_all()'; end $$;`,
    });
    expect(run).toMatchObject({ status: 'failed', failed: { code: 'lock_lost' } });
  });

  test('dropped by code in a non-transactional file is noticed before the next file', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      `-- transactional: false\ndo $$ begin execute 'select pg_advisory_un' || 'lock_all()'; end $$;`,
      'create table late ();',
    );
    expect(await target.run('deployment', files)).toMatchObject({ status: 'failed', failed: { code: 'lock_lost' } });
    expect(await target.tables()).toEqual([]);
  });
});

describeEachServer('a table that somebody else has locked', (server) => {
  test.each([
    ['a transactional file', 'create table x (); alter table t add column a int;'],
    ['an index build', 'create index concurrently i on t (id);'],
  ])('is waited for only shortly, and tried again until it is free: %s', async (_title, content) => {
    const target = await makeTarget(server);
    await target.database.query('create table t (id int)');
    const blocker = await target.database.connect();
    const [{ pid } = { pid: 0 }] = (await blocker.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    await blocker.query(`set application_name to 'reporting'; begin; lock table t in access exclusive mode`);
    const running = target.run('deployment', deployments('create table a ();', content, 'create table b ();'), {
      lockTimeoutMs: 50,
    });
    const retry = await event(target, 'step_retry');
    expect(retry).toMatchObject({ path: path(1), sqlstate: '55P03', attempt: 1 });
    expect(retry.blocker).toContain(`backend ${pid} (reporting, user postgres) holds AccessExclusiveLock on t`);
    await blocker.query('rollback');
    expect(await running).toEqual(expected({ status: 'succeeded', applied: [path(0), path(1), path(2)] }));
    expect(await target.database.query('select from pg_index where not indisvalid')).toEqual([]);
  });

  test('for too long is a failure that names who has it', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table t (id int)');
    const blocker = await target.database.connect();
    await blocker.query('begin; lock table t in access exclusive mode');
    const files = deployments(
      'create table a ();',
      'create table x ();\n  alter table t add column a int;',
      'create table b ();',
    );
    const run = await target.run('deployment', files, { lockTimeoutMs: 50, lockRetries: 1 });
    expect(run).toEqual(
      expected({
        status: 'failed',
        applied: [path(0)],
        notStarted: [path(2)],
        failed: { file: path(1), line: 2, column: 3, sqlstate: '55P03', code: 'lock_timeout' },
      }),
    );
    expect(run.whole.failed?.message).toMatch(/backend \d+ .* holds AccessExclusiveLock on t/);
    expect(target.events.filter(({ type }) => type === 'step_retry')).toHaveLength(1);
    await blocker.query('rollback');
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded', applied: [path(1), path(2)] });
  });

  test('in a deadlock is tried again', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table a (); create table b ()');
    const other = await target.database.connect();
    await other.query(`set deadlock_timeout to '60s'; begin; lock table b in access exclusive mode`);
    const running = target.run('deployment', deployments('lock table a in access exclusive mode;\ndrop table b;'));
    await until(async () => {
      const rows = await target.database.query(`select from pg_locks where relation = 'b'::regclass and not granted`);
      return rows.length > 0;
    });
    const theirs = other.query('lock table a in access exclusive mode');
    expect(await event(target, 'step_retry')).toMatchObject({ path: path(0), sqlstate: '40P01' });
    await theirs;
    await other.query('rollback');
    expect(await running).toEqual(expected({ status: 'succeeded', applied: [path(0)] }));
  });
});
