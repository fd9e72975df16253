import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import { createScriptCache, deploy, enterBaseline, type Mode, readBundle } from '../../src/index.ts';
import { bundleOf, type Contents, deployments, expected, makeTarget, numbered, numberedPath, path } from './target.ts';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));

const CREATE: Contents = {
  'create/1-tables/a.sql': 'create table a (id int primary key);',
  'create/2-data/rows.sql': 'insert into a values (1), (2);',
  'create/10-last/view.sql': 'create view v as select * from a;',
};
const CHANGES = deployments('create table b (id int);', 'alter table b add column t text;');
const REPAIRS = numbered('manual-deployment', 'create table repaired (id int);', 'insert into repaired values (1);');

describeEachServer('modes', (server) => {
  test('the example schema is created, and then there is nothing left to deploy or to create', async () => {
    const target = await makeTarget(server);
    const bundle = await readBundle(REPOSITORY);
    const run = (mode: Mode) => deploy({ connection: target.database.connection, bundle, mode });
    const count = (folder: string) =>
      bundle.files.filter((file) => file.folder === folder && file.name.endsWith('.sql')).length;

    expect(await run('create')).toMatchObject({
      status: 'succeeded',
      applied: { length: count('create') },
      baselined: count('deployment'),
      failed: null,
    });
    expect(await run('deployment')).toMatchObject({
      status: 'nothing_to_do',
      applied: [],
      skipped: count('deployment'),
    });
    expect(await run('create')).toMatchObject({ status: 'nothing_to_do', applied: [], skipped: count('create') });
    expect(await run('manual-deployment')).toMatchObject({
      status: 'succeeded',
      applied: { length: count('manual-deployment') },
    });
    expect(
      await target.database.query('select file_name from tbl_deployments where not manual_deployment order by 1'),
    ).toHaveLength(count('deployment'));
  });

  test('a create runs its sub-folders in natural order and enters the deployment files as baseline', async () => {
    const target = await makeTarget(server);
    expect(await target.run('create', { ...CREATE, ...CHANGES })).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(CREATE), baselined: 2 }),
    );
    expect(await target.ledger()).toEqual([
      'create/1-tables/a.sql run',
      'create/10-last/view.sql run',
      'create/2-data/rows.sql run',
      `${path(0)} baseline`,
      `${path(1)} baseline`,
    ]);
    expect(await target.tables()).toEqual(['a']);
  });

  test('files of a complete create may change, and new ones do not run', async () => {
    const target = await makeTarget(server);
    await target.run('create', CREATE);
    const later = {
      ...CREATE,
      'create/1-tables/a.sql': 'create table a (x int);',
      'create/1-tables/new.sql': 'select 1/0;',
    };
    expect(await target.run('create', later)).toEqual(expected({ status: 'nothing_to_do', skipped: 4 }));
    expect((await target.status(later)).files.map(({ path: p, state }) => `${p} ${state}`)).toEqual([
      'create/1-tables/a.sql applied',
      'create/2-data/rows.sql applied',
      'create/10-last/view.sql applied',
    ]);
  });

  test('a deployment runs each file once, and then only what is new', async () => {
    const target = await makeTarget(server);
    expect(await target.run('deployment', CHANGES)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1)] }),
    );
    expect(await target.run('deployment', CHANGES)).toEqual(expected({ status: 'nothing_to_do', skipped: 2 }));
    const more = { ...CHANGES, [path(2)]: 'create table c ();' };
    expect(await target.run('deployment', more)).toEqual(
      expected({ status: 'succeeded', applied: [path(2)], skipped: 2 }),
    );
    expect(await target.tables()).toEqual(['b', 'c']);
  });

  test('manual files run once each, in gaps too, and may be taken away after use', async () => {
    const target = await makeTarget(server);
    expect(await target.run('manual-deployment', REPAIRS)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(REPAIRS) }),
    );
    expect(await target.run('manual-deployment', REPAIRS)).toEqual(expected({ status: 'nothing_to_do', skipped: 2 }));
    const next = { [numberedPath('manual-deployment', 7)]: 'insert into repaired values (7);' };
    expect(await target.run('manual-deployment', next)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(next) }),
    );
    expect(await target.database.query('select id from repaired order by 1')).toEqual([{ id: 1 }, { id: 7 }]);
  });

  test('an empty folder is nothing to do, and leaves no trace', async () => {
    const target = await makeTarget(server);
    const before = await traces(target.database);
    expect(await target.run('deployment', { 'deployment/README.md': '' })).toEqual(
      expected({ status: 'nothing_to_do' }),
    );
    expect(await traces(target.database)).toEqual(before);
  });

  test('a file of nothing but comments is applied', async () => {
    const target = await makeTarget(server);
    const files = deployments('', '-- nothing', '/* nothing */ ;', ';;', 'create table t ();');
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
  });

  test.each<[Mode, string]>([
    ['create', 'a new database'],
    ['deployment', 'a new database'],
    ['manual-deployment', 'a new database'],
    ['create', 'a half-done create'],
    ['deployment', 'a managed one with something to adopt'],
    ['manual-deployment', 'a managed one with something to adopt'],
  ])('a dry run of %s on %s changes nothing at all', async (mode, situation) => {
    const target = await makeTarget(server);
    if (situation === 'a half-done create') {
      await target.run('create', { ...CREATE, 'create/10-last/view.sql': 'select 1/0;' });
    } else if (situation !== 'a new database') {
      await target.run('deployment', deployments('create table b (id int);'));
      await target.database.query(LEGACY_TABLE);
      await target.database.query(`insert into tbl_deployments values ('00099-old.sql', true, now())`);
    }
    const before = await traces(target.database);
    const run = await target.run(mode, { ...CREATE, ...CHANGES, ...REPAIRS }, { dryRun: true });
    expect(run).toMatchObject({
      status: 'succeeded',
      applied: [],
      failed: null,
      notStarted: [],
      whole: { dryRun: true },
    });
    expect(run.whole.planned.map((step) => step.path)).toEqual(
      {
        create: situation === 'a new database' ? Object.keys(CREATE) : ['create/10-last/view.sql'],
        deployment: situation === 'a new database' ? [path(0), path(1)] : [path(1)],
        'manual-deployment': Object.keys(REPAIRS),
      }[mode],
    );
    expect(await traces(target.database)).toEqual(before);
  });

  test('a dry run of a baseline changes nothing, and a baseline enters up to its ordinal', async () => {
    const target = await makeTarget(server);
    const bundle = bundleOf(CHANGES);
    const baseline = (dryRun: boolean) =>
      enterBaseline({ connection: target.database.connection, bundle, upToOrdinal: 0, dryRun });
    const before = await traces(target.database);
    expect(await baseline(true)).toMatchObject({ status: 'succeeded', baselined: [path(0)], failed: null });
    expect(await traces(target.database)).toEqual(before);
    expect(await baseline(false)).toMatchObject({
      status: 'succeeded',
      baselined: [path(0)],
      skipped: 0,
      failed: null,
    });
    expect(await baseline(false)).toMatchObject({ status: 'nothing_to_do', baselined: [], skipped: 1, failed: null });
    expect(await target.ledger()).toEqual([`${path(0)} baseline`]);
  });

  test('without baseline a deployment after a create runs its files', async () => {
    const target = await makeTarget(server);
    expect(await target.run('create', { ...CREATE, ...CHANGES }, { baseline: false })).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(CREATE) }),
    );
    expect(await target.run('deployment', CHANGES)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1)] }),
    );
  });

  test('a create is refused on a database with tables, unless forced', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table theirs ()');
    const before = await traces(target.database);
    const refused = await target.run('create', CREATE);
    expect(refused).toEqual(
      expected({
        status: 'refused',
        failed: { file: null, line: null, column: null, sqlstate: null, code: 'target_not_new' },
      }),
    );
    expect(refused.whole.failed?.message).toContain('public.theirs');
    expect(await traces(target.database)).toEqual(before);
    expect(await target.run('create', CREATE, { force: true })).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(CREATE) }),
    );
  });

  test('a deployment is refused on half a create, and a manual one is not', async () => {
    const target = await makeTarget(server);
    const broken = { ...CREATE, 'create/2-data/rows.sql': 'select 1/0;' };
    expect(await target.run('create', broken)).toMatchObject({ status: 'failed', baselined: 0 });
    expect(await target.run('deployment', CHANGES)).toMatchObject({
      status: 'refused',
      failed: { code: 'create_incomplete' },
    });
    expect(await target.run('manual-deployment', REPAIRS)).toMatchObject({ status: 'succeeded' });
    expect(await target.run('create', { ...CREATE, ...CHANGES })).toEqual(
      expected({
        status: 'succeeded',
        applied: ['create/2-data/rows.sql', 'create/10-last/view.sql'],
        skipped: 1,
        baselined: 2,
      }),
    );
  });

  test('a create whose applied file changed before it is complete is refused', async () => {
    const target = await makeTarget(server);
    await target.run('create', { ...CREATE, 'create/10-last/view.sql': 'select 1/0;' });
    expect(await target.run('create', { ...CREATE, 'create/1-tables/a.sql': 'create table a ();' })).toEqual(
      expected({
        status: 'refused',
        skipped: 0,
        failed: {
          file: 'create/1-tables/a.sql',
          line: null,
          column: null,
          sqlstate: null,
          code: 'changed_create_file',
        },
      }),
    );
  });

  test('a create that goes on past errors applies all it can, lists the failures, and is completed later', async () => {
    const target = await makeTarget(server);
    const files = {
      'create/1-a/1.sql': 'create table one ();',
      'create/1-a/2.sql': 'create table two ();\ncreate table one ();',
      'create/1-a/3.sql': 'create table three ();',
      'create/1-a/4.sql': 'select nope;',
      'create/1-a/5.sql': 'create table five ();',
    };
    const run = await target.run('create', { ...files, ...CHANGES }, { onError: 'continue' });
    const failed = { file: 'create/1-a/2.sql', line: 2, column: 1, sqlstate: '42P07', code: 'sql_error' } as const;
    expect(run).toEqual(
      expected({
        status: 'failed',
        applied: ['create/1-a/1.sql', 'create/1-a/3.sql', 'create/1-a/5.sql'],
        failed,
      }),
    );
    expect(run.whole.failures.map((failure) => failure.file)).toEqual(['create/1-a/2.sql', 'create/1-a/4.sql']);
    expect(await target.tables()).toEqual(['five', 'one', 'three']);

    const mended = { ...files, 'create/1-a/2.sql': 'create table two ();', 'create/1-a/4.sql': 'select 1;' };
    expect(await target.run('create', { ...mended, ...CHANGES })).toEqual(
      expected({
        status: 'succeeded',
        applied: ['create/1-a/2.sql', 'create/1-a/4.sql'],
        skipped: 3,
        baselined: 2,
      }),
    );
  });
});

const LEGACY_TABLE =
  'create table tbl_deployments (file_name text primary key, manual_deployment boolean, date_applied timestamp)';

/** The catalog row by row with the transaction that wrote it, and all the tool's and the script's tables. */
async function traces(database: TestDatabase): Promise<unknown> {
  const catalogs = ['pg_class', 'pg_namespace', 'pg_proc', 'pg_attribute', 'pg_type', 'pg_index'];
  const seen: unknown[] = [];
  for (const catalog of catalogs) {
    seen.push(
      await database.query(
        `select '${catalog}' as catalog, count(*)::int,
           md5(string_agg(md5(t::text || t.xmin::text || t.ctid::text), '' order by t.ctid)) from ${catalog} t`,
      ),
    );
  }
  const tables = await database.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relkind = 'r'
       and (relnamespace = to_regnamespace('postgres_manager') or relname = 'tbl_deployments') order by 1`,
  );
  for (const { name } of tables) {
    seen.push(
      await database.query(`select '${name}' as name, xmin::text, ctid::text, t::text from ${name} t order by t.ctid`),
    );
  }
  return seen;
}

describeEachServer('runs on several targets', (server) => {
  test('share what the parser said of their files', async () => {
    const scripts = createScriptCache({ maxBytes: 1024 * 1024 });
    const broken = deployments('create table b (id int);', 'selec 1;');
    for (const files of [CHANGES, broken]) {
      const targets = await Promise.all([makeTarget(server), makeTarget(server)]);
      const runs = await Promise.all(targets.map((target) => target.run('deployment', files, { scripts })));
      const status = files === broken ? 'invalid' : 'succeeded';
      expect(runs.map((run) => run.status)).toEqual([status, status]);
      expect(runs[0]?.whole.problems).toEqual(runs[1]?.whole.problems);
    }
    // Three files differ.
    expect(scripts.heldBytes).toBeGreaterThan(3 * 1024);
    expect(scripts.heldBytes).toBeLessThan(4 * 1024);
  });
});
