import { describe, expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import { resolveStep } from '../../src/index.ts';
import {
  bundleOf,
  type Contents,
  deployments,
  expected,
  makeTarget,
  path,
  type Target,
  until,
  untilRunning,
} from './target.ts';

const TABLE = 'create table t (id int, n int); insert into t select i, i % 10 from generate_series(1, 100) i;';

async function indexes(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ index: string }>(
    `select indexrelid::regclass::text || case when indisvalid then '' else ' invalid' end as index
     from pg_index where indrelid = to_regclass('t') order by 1`,
  );
  return rows.map(({ index }) => index);
}

async function intents(database: TestDatabase): Promise<unknown[]> {
  return await database.query('select file_name, statements_done, statement_running from postgres_manager.intent');
}

/** Runs until the statement waits for another transaction, ends its backend, and gives the report. */
async function interrupted(
  target: Target,
  files: Contents,
  pattern: string,
): Promise<Awaited<ReturnType<Target['run']>>> {
  const blocker = await target.database.connect();
  // CREATE INDEX CONCURRENTLY waits for every older transaction that has written or holds a snapshot.
  await blocker.query('begin isolation level repeatable read');
  await blocker.query('insert into t values (0, -1)');
  const running = target.run('deployment', files, { lockTimeoutMs: 0 });
  const pid = await untilRunning(target.database, pattern);
  await until(async () => {
    const [row] = await target.database.query<{ waits: boolean }>(
      `select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = $1`,
      [pid],
    );
    return row?.waits;
  });
  await target.database.query('select pg_terminate_backend($1)', [pid]);
  const report = await running;
  await blocker.query('rollback');
  return report;
}

describeEachServer('a non-transactional file', (server) => {
  test('builds an index concurrently, statement by statement', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      TABLE,
      'create index concurrently i on t (n);\ncreate index concurrently j on t (id);',
      'drop index concurrently j;',
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
    expect(await indexes(target.database)).toEqual(['i']);
    expect(await intents(target.database)).toEqual([]);
    expect(target.events.filter((event) => event.type === 'step_progress')).toEqual([
      { type: 'step_progress', path: path(1), statement: 1, statements: 2 },
      { type: 'step_progress', path: path(1), statement: 2, statements: 2 },
      { type: 'step_progress', path: path(2), statement: 1, statements: 1 },
    ]);
  });

  test('leaves no invalid index when a unique one fails, and succeeds once the rows are mended', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      TABLE,
      '-- unique\n  create unique index concurrently u on t (n);',
      'create table late ();',
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({
        status: 'failed',
        applied: [path(0)],
        notStarted: [path(2)],
        failed: { file: path(1), line: 2, column: 3, sqlstate: '23505', code: 'sql_error' },
      }),
    );
    expect(await indexes(target.database)).toEqual([]);
    expect(await intents(target.database)).toEqual([]);
    await target.database.query('update t set n = id');
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(1), path(2)], skipped: 1 }),
    );
    expect(await indexes(target.database)).toEqual(['u']);
  });

  test('names the place of an error in it', async () => {
    const target = await makeTarget(server);
    const files = deployments(TABLE, "select 'ü🎉';\ncreate index concurrently i\n  on t (nope);\n");
    expect(await target.run('deployment', files)).toMatchObject({
      status: 'failed',
      failed: { file: path(1), line: 2, column: 1, sqlstate: '42703' },
    });
    const other = await makeTarget(server);
    const early = deployments(TABLE, "select 'ü🎉', nope;\ncreate index concurrently i on t (n);\n");
    expect(await other.run('deployment', early)).toMatchObject({
      status: 'failed',
      failed: { file: path(1), line: 1, column: 14, sqlstate: '42703' },
    });
  });

  test('does not take an invalid index of someone else for its own', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', deployments(TABLE));
    await target.database.query('create unique index concurrently i on t (n)').catch(() => undefined);
    expect(await indexes(target.database)).toEqual(['i invalid']);
    const files = deployments(TABLE, 'create index concurrently if not exists i on t (n);');
    const run = await target.run('deployment', files);
    expect(run).toMatchObject({ status: 'failed', applied: [], failed: { file: path(1), code: 'index_invalid' } });
    expect(await indexes(target.database)).toEqual(['i invalid']);
    await target.database.query('drop index i');
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded', applied: [path(1)] });
    expect(await indexes(target.database)).toEqual(['i']);
  });

  test('interrupted in an index build says so, and the next run repairs the index', async () => {
    const target = await makeTarget(server);
    const files = deployments(TABLE, 'create index concurrently i on t (n);', 'create table late ();');
    await target.run('deployment', deployments(TABLE));
    const run = await interrupted(target, files, 'create index concurrently i');
    expect(run).toEqual(
      expected({
        status: 'failed',
        skipped: 1,
        notStarted: [path(2)],
        failed: { file: path(1), line: null, column: null, sqlstate: null, code: 'connection_lost' },
      }),
    );
    expect(await indexes(target.database)).toEqual(['i invalid']);
    expect(await intents(target.database)).toEqual([
      { file_name: '00001-file.sql', statements_done: 0, statement_running: 1 },
    ]);
    expect((await target.status(files)).files.map(({ state }) => state)).toEqual(['applied', 'unfinished', 'pending']);
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(1), path(2)], skipped: 1 }),
    );
    expect(await indexes(target.database)).toEqual(['i']);
    expect(await intents(target.database)).toEqual([]);
  });

  test('interrupted stops every other mode until it is settled', async () => {
    const target = await makeTarget(server);
    const files = {
      ...deployments(TABLE, 'create index concurrently i on t (n);'),
      'manual-deployment/00000-m.sql': 'create table m ();',
    };
    await target.run('deployment', deployments(TABLE));
    await interrupted(target, files, 'create index concurrently i');
    expect(await target.run('manual-deployment', files)).toMatchObject({
      status: 'needs_attention',
      failed: { code: 'unfinished_step', file: path(1) },
    });
  });

  test('resumes in the middle, with an edited rest, and with its settings made again', async () => {
    const target = await makeTarget(server);
    const text = (rest: string) =>
      `set search_path to other, public;\ncreate schema other;\ncreate table other.log (a int);\ninsert into log values (1);\nvacuum t;\n${rest}`;
    const files = (rest: string) => deployments(TABLE, text(rest));
    await target.run('deployment', deployments(TABLE));
    expect(
      await target.run('deployment', files('insert into log values (2);\ninsert into nope values (1);')),
    ).toMatchObject({
      status: 'failed',
      failed: { file: path(1), line: 7, column: 13, sqlstate: '42P01' },
    });
    expect(await intents(target.database)).toEqual([
      { file_name: '00001-file.sql', statements_done: 6, statement_running: null },
    ]);
    expect(await target.run('deployment', files('insert into log values (2);\ninsert into log values (3);'))).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1 }),
    );
    expect(await target.database.query('select a from other.log order by 1')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test('whose past was edited needs a person', async () => {
    const target = await makeTarget(server);
    const files = (first: string) => deployments(`create table log (a int);\n${first}\nvacuum log;\nselect nope;`);
    expect(await target.run('deployment', files('insert into log values (1);'))).toMatchObject({ status: 'failed' });
    const run = await target.run('deployment', files('insert into log values (2);'));
    expect(run).toMatchObject({ status: 'needs_attention', failed: { file: path(0), code: 'unfinished_step' } });
    expect(run.whole.failed?.hint).toContain(`resolve ${path(0)} --not-applied`);
    expect(await target.database.query('select a from log')).toEqual([{ a: 1 }]);
  });

  test('runs VACUUM, REINDEX CONCURRENTLY and a concurrent detach of a partition', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      `${TABLE} create index i on t (n);
       create table part (a int) partition by list (a); create table part_1 partition of part for values in (1);`,
      'vacuum analyze t;',
      'reindex index concurrently i;',
      'alter table part detach partition part_1 concurrently;',
      'insert into t values (1, 1);\nvacuum t;\ninsert into t values (2, 2);',
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
    expect(await target.database.query(`select count(*)::int from pg_inherits`)).toEqual([{ count: 0 }]);
  });

  describe('an interrupted REINDEX CONCURRENTLY', () => {
    const REINDEX = deployments('create table t (n int); create index i on t (n);', 'reindex table concurrently t;');

    /** Applies the first file, and keeps a transaction open that the second one's REINDEX has to wait for. */
    async function blocked(): Promise<{ target: Target; letGo: () => Promise<unknown> }> {
      const target = await makeTarget(server);
      await target.run('deployment', { [path(0)]: REINDEX[path(0)] ?? '' });
      // Somebody else's, from before: it stays.
      await target.database.query('create index older_ccnew on t (n)');
      await target.database.query(`update pg_index set indisvalid = false where indexrelid = 'older_ccnew'::regclass`);
      const blocker = await target.database.connect();
      await blocker.query('begin; insert into t values (1)');
      return { target, letGo: () => blocker.query('rollback') };
    }

    const invalid = async (target: Target): Promise<string[]> =>
      (
        await target.database.query<{ name: string }>(
          'select indexrelid::regclass::text as name from pg_index where not indisvalid order by 1',
        )
      ).map(({ name }) => name);

    const told = (target: Target): string[] =>
      target.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

    test('by a lost connection is run again, and the half-built index it left is dropped', async () => {
      const { target, letGo } = await blocked();
      const running = target.run('deployment', REINDEX, { lockTimeoutMs: 0 });
      const pid = await untilRunning(target.database, 'reindex');
      await until(async () => (await invalid(target)).includes('i_ccnew'));
      await target.database.query('select pg_terminate_backend($1)', [pid]);
      expect(await running).toMatchObject({ status: 'failed', failed: { code: 'connection_lost' } });
      await letGo();
      expect(await target.run('deployment', REINDEX)).toMatchObject({ status: 'succeeded', applied: [path(1)] });
      expect(await invalid(target)).toEqual(['older_ccnew']);
      expect(told(target).filter((message) => message.startsWith('dropped'))).toEqual([
        'dropped the invalid index public.i_ccnew, which the interrupted REINDEX left behind',
      ]);
      expect(await intents(target.database)).toEqual([]);
    });

    test('by lock_timeout is tried again, and nothing of any attempt is left', async () => {
      const { target, letGo } = await blocked();
      const running = target.run('deployment', REINDEX, { lockTimeoutMs: 100 });
      await until(() => target.events.find(({ type }) => type === 'step_retry'));
      await letGo();
      expect(await running).toMatchObject({ status: 'succeeded', applied: [path(1)] });
      expect(await invalid(target)).toEqual(['older_ccnew']);
    });
  });

  test('adds an enum value in one file and uses it in the next, and is told why not in the same', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      "create type mood as enum ('good'); create table m (mood mood);",
      "alter type mood add value 'bad';",
      "insert into m values ('bad');",
    );
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded', applied: Object.keys(files) });
    const wrong = { ...files, [path(3)]: "alter type mood add value 'worse'; insert into m values ('worse');" };
    const run = await target.run('deployment', wrong);
    expect(run).toMatchObject({ status: 'failed', failed: { file: path(3), line: 1, sqlstate: '55P04' } });
    expect(run.whole.failed?.hint).toContain('next file');
  });

  const PROCEDURE = `create table log (a int);
create procedure work(upto int, wait boolean) language plpgsql as $$
begin
  for i in 1..upto loop
    insert into log values (i);
    commit;
    if wait and i = 2 then perform pg_sleep(60); end if;
  end loop;
end $$;`;

  test('calls a procedure that commits when its header says so, and explains when it does not', async () => {
    const target = await makeTarget(server);
    const without = deployments(PROCEDURE, 'call work(3, false);');
    const refused = await target.run('deployment', without);
    expect(refused).toMatchObject({
      status: 'failed',
      applied: [path(0)],
      failed: { file: path(1), line: 1, sqlstate: '2D000' },
    });
    expect(refused.whole.failed?.hint).toContain('-- transactional: false');
    const files = deployments(PROCEDURE, '-- transactional: false\ncall work(3, false);');
    expect(await target.run('deployment', files)).toMatchObject({ status: 'succeeded', applied: [path(1)] });
    expect(await target.database.query('select count(*)::int from log')).toEqual([{ count: 3 }]);
  });

  test.each(['applied', 'not_applied'] as const)(
    'interrupted in a CALL needs a person, who settles it as %s',
    async (outcome) => {
      const target = await makeTarget(server);
      const files = deployments(PROCEDURE, '-- transactional: false\ncall work(3, true);', 'create table late ();');
      const running = target.run('deployment', files);
      const pid = await untilRunning(target.database, 'call work');
      await until(async () => (await target.database.query('select from log')).length === 2);
      await target.database.query('select pg_terminate_backend($1)', [pid]);
      expect(await running).toMatchObject({
        status: 'failed',
        applied: [path(0)],
        failed: { file: path(1), code: 'connection_lost' },
      });
      for (let i = 0; i < 2; i++) {
        expect(await target.run('deployment', files)).toEqual(
          expected({
            status: 'needs_attention',
            skipped: 1,
            notStarted: [path(2)],
            failed: { file: path(1), line: null, column: null, sqlstate: null, code: 'unfinished_step' },
          }),
        );
      }
      const settle = () =>
        resolveStep({ connection: target.database.connection, bundle: bundleOf(files), path: path(1), outcome });
      expect(await settle()).toEqual({ status: 'succeeded', path: path(1), outcome, failed: null });
      expect(await settle()).toMatchObject({ status: 'refused', failed: { code: 'file_unknown' } });
      if (outcome === 'applied') {
        expect(await target.run('deployment', files)).toMatchObject({
          status: 'succeeded',
          applied: [path(2)],
          skipped: 2,
        });
        expect(await target.ledger()).toContain(`${path(1)} resolved`);
      } else {
        await target.database.query(
          'create or replace procedure work(upto int, wait boolean) language sql as $$ select 1 $$',
        );
        expect(await target.run('deployment', files)).toMatchObject({
          status: 'succeeded',
          applied: [path(1), path(2)],
        });
      }
      expect(await intents(target.database)).toEqual([]);
    },
  );

  test('that fails at its first statement leaves nothing unfinished behind', async () => {
    const target = await makeTarget(server);
    const files = deployments('-- transactional: false\nselect nope;\nvacuum;');
    expect(await target.run('deployment', files)).toMatchObject({ status: 'failed', failed: { line: 2, column: 8 } });
    expect((await target.status(files)).files).toMatchObject([{ state: 'pending' }]);
    const other = deployments('create table other_way ();');
    expect(await target.run('deployment', other)).toMatchObject({ status: 'succeeded' });
  });
});
