import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import type { RunEvent } from '../../src/index.ts';
import { LOCK_KEY } from '../../src/target/lock.ts';
import { deployments, expected, makeTarget, path, until, untilAsleep, untilRunning } from './target.ts';

/** Sessions of the tool on this database. */
async function sessions(database: TestDatabase): Promise<unknown[]> {
  return await database.query(
    `select query from pg_stat_activity where datname = current_database() and application_name like 'postgres-manager%'`,
  );
}

const cancelledIn = (file: string | null) =>
  ({ file, line: null, column: null, sqlstate: null, code: 'cancelled' }) as const;

/** Options that abort at the first event that matches. */
function abortAt(matches: (event: RunEvent) => boolean): { signal: AbortSignal; onEvent: (event: RunEvent) => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onEvent: (event) => {
      if (matches(event)) controller.abort();
    },
  };
}

describeEachServer('a cancelled run', (server) => {
  test('ends the running statement on the server, keeps what is applied, and can be carried on', async () => {
    const target = await makeTarget(server);
    const controller = new AbortController();
    const files = deployments('create table a ();', 'create table x (); select pg_sleep(60);', 'create table late ();');
    const running = target.run('deployment', files, { signal: controller.signal });
    await untilAsleep(target.database);
    controller.abort();
    expect(await running).toEqual(
      expected({ status: 'failed', applied: [path(0)], notStarted: [path(2)], failed: cancelledIn(path(1)) }),
    );
    await until(async () => (await sessions(target.database)).length === 0);
    expect(await target.tables()).toEqual(['a']);
    expect(target.events.filter(({ type }) => type === 'cancelling')).toHaveLength(1);
    const mended = { ...files, [path(1)]: 'select 1;' };
    expect(await target.run('deployment', mended)).toMatchObject({ status: 'succeeded', applied: [path(1), path(2)] });
  });

  test('between two batches tells exactly what the ledger has', async () => {
    const target = await makeTarget(server);
    const files = deployments(...Array.from({ length: 60 }, (_, i) => `create table t_${i} ();`));
    const run = await target.run(
      'deployment',
      files,
      abortAt((event) => event.type === 'step_finished' && event.index === 8),
    );
    expect(run).toMatchObject({ status: 'failed', failed: { code: 'cancelled' } });
    expect(run.applied.length).toBeGreaterThanOrEqual(8);
    expect(run.applied.length).toBeLessThan(60);
    expect(await target.ledger()).toEqual(run.applied.map((p) => `${p} run`));
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded', skipped: run.applied.length });
    expect(await target.tables()).toHaveLength(60);
  });

  test('between two pieces of a large file rolls the file back', async () => {
    const target = await makeTarget(server);
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `insert into big values (${i}, 'a row like any other row of this file');`,
    );
    const files = deployments('create table big (id int, t text);', rows.join('\n'));
    const run = await target.run(
      'deployment',
      files,
      abortAt((event) => event.type === 'step_progress'),
    );
    expect(run).toEqual(expected({ status: 'failed', applied: [path(0)], failed: cancelledIn(path(1)) }));
    expect(await target.database.query('select from big')).toEqual([]);
  });

  test('while it waits for the lock has changed nothing', async () => {
    const target = await makeTarget(server);
    const holder = await target.database.connect();
    await holder.query(`select pg_advisory_lock(${LOCK_KEY})`);
    const run = await target.run(
      'deployment',
      deployments('create table a ();'),
      abortAt(({ type }) => type === 'waiting_for_lock'),
    );
    expect(run).toEqual(expected({ status: 'failed', failed: cancelledIn(null) }));
    expect(await target.tables()).toEqual([]);
  });

  test('while it waits for a server, or before it begins, has changed nothing', async () => {
    const target = await makeTarget(server);
    const connection = { ...target.database.connection, port: 1 };
    const files = deployments('create table a ();');
    expect(
      await target.run('deployment', files, { connection, ...abortAt(({ type }) => type === 'connecting') }),
    ).toEqual(expected({ status: 'failed', failed: cancelledIn(null) }));
    expect(await target.run('deployment', files, { signal: AbortSignal.abort() })).toEqual(
      expected({ status: 'failed', failed: cancelledIn(null) }),
    );
    expect(await target.tables()).toEqual([]);
  });

  test('while a table is locked does not wait for the next attempt', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table t ()');
    const blocker = await target.database.connect();
    await blocker.query('begin; lock table t');
    const run = await target.run('deployment', deployments('create table a ();', 'drop table t;'), {
      lockTimeoutMs: 20,
      ...abortAt(({ type }) => type === 'step_retry'),
    });
    expect(run).toMatchObject({ status: 'failed', applied: [path(0)], failed: { code: 'cancelled' } });
  });

  test('in an index build leaves no invalid index', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table t (id int)');
    const blocker = await target.database.connect();
    await blocker.query('begin; insert into t values (1)');
    const controller = new AbortController();
    const files = deployments('create index concurrently i on t (id);');
    const running = target.run('deployment', files, { signal: controller.signal, lockTimeoutMs: 0 });
    await untilRunning(target.database, 'create index concurrently');
    controller.abort();
    await cancelThenLetGo(running, target, () => blocker.query('rollback'));
    expect(await running).toEqual(expected({ status: 'failed', failed: cancelledIn(path(0)) }));
    expect(await target.database.query(`select from pg_class where relname = 'i'`)).toEqual([]);
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded' });
  });

  test('in a CALL that commits by itself needs a person', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'create procedure work() language plpgsql as $$ begin create table done (); commit; perform pg_sleep(60); end $$;',
      '-- transactional: false\ncall work();',
    );
    const controller = new AbortController();
    const running = target.run('deployment', files, { signal: controller.signal });
    await untilRunning(target.database, 'call work');
    await until(async () => (await target.tables()).length > 0);
    controller.abort();
    expect(await running).toMatchObject({ status: 'needs_attention', applied: [path(0)], failed: { file: path(1) } });
    expect((await target.status(files)).files.map(({ state }) => state)).toEqual(['applied', 'unfinished']);
  });
});

/** The build waits for the blocker and cancels; taking its leftovers away waits for the blocker again. */
async function cancelThenLetGo(
  running: Promise<unknown>,
  target: { database: TestDatabase },
  letGo: () => Promise<unknown>,
): Promise<void> {
  let ended = false;
  void running.then(() => {
    ended = true;
  });
  await until(async () => {
    const rows = await target.database.query(
      `select from pg_stat_activity where datname = current_database() and query like 'DROP INDEX CONCURRENTLY%' and state = 'active'`,
    );
    return ended || rows.length > 0;
  });
  await letGo();
}

describeEachServer('a lost connection', (server) => {
  test('in the middle of a batch is told with what the ledger has', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'create table a ();',
      'create table b ();',
      'create table x (); select pg_sleep(60);',
      'create table late ();',
    );
    const running = target.run('deployment', files);
    const pid = await untilAsleep(target.database);
    await target.database.query('select pg_terminate_backend($1)', [pid]);
    const run = await running;
    expect(run).toEqual(
      expected({
        status: 'failed',
        applied: [path(0), path(1)],
        notStarted: [path(3)],
        failed: { file: path(2), line: null, column: null, sqlstate: null, code: 'connection_lost' },
      }),
    );
    expect(run.whole.failed?.message).toContain(`${path(2)} was rolled back`);
    expect(await target.tables()).toEqual(['a', 'b']);
    const mended = { ...files, [path(2)]: 'select 1;' };
    expect(await target.run('deployment', mended)).toMatchObject({ status: 'succeeded', applied: [path(2), path(3)] });
  });

  test('of a file that ends its own backend is told as such', async () => {
    const target = await makeTarget(server);
    const run = await target.run(
      'deployment',
      deployments('create table a ();', 'select pg_terminate_backend(pg_backend_pid());'),
    );
    expect(run).toMatchObject({
      status: 'failed',
      applied: [path(0)],
      failed: { file: path(1), code: 'connection_lost' },
    });
  });

  test('because the database went away is told, and nothing hangs', async () => {
    const target = await makeTarget(server);
    const running = target.run('deployment', deployments('create table a ();', 'select pg_sleep(60);'));
    await untilAsleep(target.database);
    await target.database.drop();
    const run = await running;
    expect(run).toMatchObject({ status: 'failed', failed: { file: path(1), code: 'connection_lost' } });
    expect(run.whole.failed?.message).toContain('cannot be reached to ask');
  });
});
