import { expect, onTestFinished, test } from 'vitest';
import type { TestServer } from '../../../../test-support/postgres-cluster.ts';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import { type ConnectionSettings, resolveStep } from '../../src/index.ts';
import { bundleOf, type Contents, deployments, expected, makeTarget, numbered, numberedPath, path } from './target.ts';

const FILES = deployments('create table a ();', 'create table b ();', 'create table c ();');

/** Run together, alone, in chunks, guarded, outside a transaction, and again guarded. */
function everyKind(): Contents {
  return deployments(
    'create table a (x int); insert into a values (1);',
    'set search_path to public; create table b ();',
    'create index concurrently a_x on a (x);',
    'create temporary table t ();',
    'create table c ();',
    `create table d (x text);\n${`insert into d values ('${'x'.repeat(5000)}');\n`.repeat(400)}`,
    'do $$ begin perform 1; end $$;',
    'create table e ();',
  );
}

describeEachServer('the ledger', (server) => {
  test.each<[string, Contents, object]>([
    [
      'changed',
      { ...FILES, [path(1)]: 'create table b (x int);', [path(3)]: 'create table never ();' },
      { file: path(1), code: 'changed_file' },
    ],
    [
      'changed in its line endings alone',
      { ...FILES, [path(0)]: 'create table a ();\r\n' },
      { file: path(0), code: 'changed_file' },
    ],
    [
      'missing',
      {
        [path(0)]: 'create table a ();',
        'deployment/00001-renamed.sql': 'create table b ();',
        [path(2)]: 'create table c ();',
      },
      { file: path(1), code: 'missing_file' },
    ],
    ['missing at the end', deployments('create table a ();'), { file: path(1), code: 'missing_file' }],
  ])('stops a deployment of which an applied file is %s', async (_title, files, failed) => {
    const target = await makeTarget(server);
    await target.run('deployment', FILES);
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'refused', failed: { line: null, column: null, sqlstate: null, ...failed } as never }),
    );
    expect(await target.tables()).toEqual(['a', 'b', 'c']);
    expect(await target.ledger()).toHaveLength(3);
  });

  test.each<[string, Contents, number]>([
    ['a few files', FILES, 3],
    ['files of every kind', everyKind(), 8],
    ['files up to one that fails', { ...FILES, [path(3)]: 'select 1 / 0;' }, 3],
    ['many files', deployments(...Array.from({ length: 40 }, (_, i) => `create table many_${i} ();`)), 40],
  ])('is reported as it stands after %s', async (_title, files, applied) => {
    const target = await makeTarget(server);
    const options = { reportLedger: true, deploymentId: 'one', appliedBy: 'somebody' };
    const { whole } = await target.run('deployment', files, options);
    // A run with nothing to do reports what it read.
    const known = Object.fromEntries(Object.entries(files).filter(([name]) => whole.applied.includes(name)));
    const { whole: again } = await target.run('deployment', known, options);
    expect(whole.ledger).toEqual(again.ledger);
    expect(whole.ledger?.files).toHaveLength(applied);
  });

  test('stops a deployment with a file below the highest applied one', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', FILES);
    await target.database.query(`delete from postgres_manager.ledger where file_name like '00001%'`);
    const run = await target.run('deployment', { ...FILES, [path(3)]: 'create table never ();' });
    expect(run).toEqual(
      expected({
        status: 'refused',
        failed: { file: path(1), line: null, column: null, sqlstate: null, code: 'out_of_order' },
      }),
    );
    expect((await target.status(FILES)).files.map(({ state }) => state)).toEqual([
      'applied',
      'out_of_order',
      'applied',
    ]);
  });

  test('stops a manual deployment of which an applied file changed', async () => {
    const target = await makeTarget(server);
    await target.run('manual-deployment', numbered('manual-deployment', 'select 1;'));
    expect(
      await target.run('manual-deployment', numbered('manual-deployment', 'select 2;', 'select 3;')),
    ).toMatchObject({
      status: 'refused',
      applied: [],
      failed: { code: 'changed_file', file: numberedPath('manual-deployment', 0) },
    });
  });

  test('tells each file’s state', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', FILES, { appliedBy: 'someone@example.com', deploymentId: 'd-1' });
    const status = await target.status({
      ...deployments('create table a ();', 'create table changed ();'),
      'deployment/00002-other.sql': 'select 1;',
      [path(3)]: 'select 1;',
    });
    expect(status).toMatchObject({
      database: target.database.name,
      hasLedger: true,
      create: 'not_started',
      failed: null,
    });
    expect(status.files.map(({ path: p, state, origin, appliedBy }) => [p, state, origin, appliedBy])).toEqual([
      [path(0), 'applied', 'run', 'someone@example.com'],
      [path(1), 'changed', 'run', 'someone@example.com'],
      ['deployment/00002-other.sql', 'pending', null, null],
      [path(3), 'pending', null, null],
      [path(2), 'missing', 'run', 'someone@example.com'],
    ]);
    expect(status.files[0]?.appliedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await target.database.query('select distinct deployment_id from postgres_manager.ledger')).toEqual([
      { deployment_id: 'd-1' },
    ]);
  });
});

const LEGACY = (name = 'tbl_deployments') =>
  `create table ${name} (file_name text primary key, manual_deployment boolean, date_applied timestamp)`;

async function legacyRows(database: TestDatabase, table = 'tbl_deployments'): Promise<string[]> {
  const rows = await database.query<{ row: string }>(
    `select file_name || ' ' || manual_deployment::text as row from ${table} order by file_name`,
  );
  return rows.map(({ row }) => row);
}

describeEachServer('a tbl_deployments of the older script', (server) => {
  test('is adopted: nothing runs again, digests are those of the files, and new rows are written to it', async () => {
    const target = await makeTarget(server);
    await target.database.query(LEGACY());
    await target.database.query(`insert into tbl_deployments values
      ('00000-file.sql', false, '2020-01-02 03:04:05'), ('00000-repair.sql', true, '2020-02-02'), ('00009-gone.sql', true, null)`);
    const files = {
      ...deployments('select 1/0;', 'create table b ();'),
      'manual-deployment/00000-repair.sql': 'select 1/0;',
      'manual-deployment/00001-more.sql': 'create table m ();',
    };
    expect((await target.status(files)).files.map(({ path: p, state, origin }) => [p, state, origin])).toEqual([
      [path(0), 'applied', 'adopted'],
      [path(1), 'pending', null],
      ['manual-deployment/00000-repair.sql', 'applied', 'adopted'],
      ['manual-deployment/00001-more.sql', 'pending', null],
      ['manual-deployment/00009-gone.sql', 'applied', 'adopted'],
    ]);
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1, adopted: 3 }),
    );
    expect(await target.run('manual-deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: ['manual-deployment/00001-more.sql'], skipped: 1 }),
    );
    expect(await legacyRows(target.database)).toEqual([
      '00000-file.sql false',
      '00000-repair.sql true',
      '00001-file.sql false',
      '00001-more.sql true',
      '00009-gone.sql true',
    ]);
    const sha256 = (p: string) => bundleOf(files).files.find((file) => file.path === p)?.sha256;
    expect(
      await target.database.query(
        `select file_name, sha256, applied_at at time zone 'UTC' = '2020-01-02 03:04:05' as dated
         from postgres_manager.ledger where origin = 'adopted' order by folder, file_name`,
      ),
    ).toEqual([
      { file_name: '00000-file.sql', sha256: sha256(path(0)), dated: true },
      { file_name: '00000-repair.sql', sha256: sha256('manual-deployment/00000-repair.sql'), dated: false },
      { file_name: '00009-gone.sql', sha256: null, dated: false },
    ]);
    // From here on a change is noticed.
    expect(await target.run('deployment', { ...files, [path(0)]: 'select 2/0;' })).toMatchObject({
      status: 'refused',
      failed: { code: 'changed_file' },
    });
  });

  test('is adopted even when there is nothing to run', async () => {
    const target = await makeTarget(server);
    await target.database.query(LEGACY());
    await target.database.query(`insert into tbl_deployments values ('00000-file.sql', false, now())`);
    const files = deployments('select 1/0;');
    expect(await target.run('deployment', files)).toEqual(expected({ status: 'succeeded', skipped: 1, adopted: 1 }));
    expect(await target.run('deployment', files)).toEqual(expected({ status: 'nothing_to_do', skipped: 1 }));
  });

  test('holds a row that a failed file’s rollback takes away', async () => {
    const target = await makeTarget(server);
    await target.database.query(LEGACY());
    await target.run('deployment', deployments('create table a ();', 'select nope;'));
    expect(await legacyRows(target.database)).toEqual(['00000-file.sql false']);
  });

  test('gets the row of a non-transactional file and of a baseline too', async () => {
    const target = await makeTarget(server);
    await target.database.query(LEGACY());
    await target.run('deployment', deployments('create table a (x int);', 'create index concurrently i on a (x);'));
    expect(await legacyRows(target.database)).toEqual(['00000-file.sql false', '00001-file.sql false']);
  });

  test('is found in another schema through the search_path, under a name that needs quotes', async () => {
    const target = await makeTarget(server);
    await target.database.query(`create schema "Old ""one"`);
    await target.database.query(LEGACY('"Old ""one".tbl_deployments'));
    await target.database.query(`insert into "Old ""one".tbl_deployments values ('00000-file.sql', false, now())`);
    await target.database.query(`alter database ${target.database.name} set search_path to "Old ""one", public`);
    expect(await target.run('deployment', deployments('select 1/0;', 'create table b ();'))).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1, adopted: 1 }),
    );
    expect(await legacyRows(target.database, '"Old ""one".tbl_deployments')).toEqual([
      '00000-file.sql false',
      '00001-file.sql false',
    ]);
  });

  test('is left alone when it is of another shape', async () => {
    const target = await makeTarget(server);
    await target.database.query('create table tbl_deployments (id int, file_name text, other text)');
    await target.database.query(`insert into tbl_deployments values (1, '00000-file.sql', 'x')`);
    expect(await target.run('deployment', deployments('create table a ();'))).toEqual(
      expected({ status: 'succeeded', applied: [path(0)] }),
    );
    expect(await target.database.query('select * from tbl_deployments')).toHaveLength(1);
  });

  test('made by the bundle’s own create gets the baseline and all that follows', async () => {
    const target = await makeTarget(server);
    const files = {
      'create/1/a.sql': 'create table a ();',
      'create/1/tbl_deployments.sql': `${LEGACY()};`,
      ...deployments('create table b ();'),
    };
    expect(await target.run('create', files)).toEqual(
      expected({ status: 'succeeded', applied: ['create/1/a.sql', 'create/1/tbl_deployments.sql'], baselined: 1 }),
    );
    const more = { ...files, [path(1)]: 'create table c ();' };
    expect(await target.run('deployment', more)).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1 }),
    );
    expect(await legacyRows(target.database)).toEqual(['00000-file.sql false', '00001-file.sql false']);
    expect(await target.run('deployment', more)).toEqual(expected({ status: 'nothing_to_do', skipped: 2 }));
  });

  test.each<[string, string, string]>([
    ['plain statements', `${LEGACY()};`, 'drop table tbl_deployments;'],
    [
      'a DO block',
      `do $$ begin execute '${LEGACY()}'; end $$;`,
      `do $$ begin execute 'drop table tbl_deployments'; end $$;`,
    ],
    [
      'a rename',
      `${LEGACY('tbl_d')}; alter table tbl_d rename to tbl_deployments;`,
      'alter table tbl_deployments rename to old;',
    ],
  ])('made and later dropped by deployment files in %s', async (_title, make, drop) => {
    const target = await makeTarget(server);
    const files = deployments('create table a ();', make, 'create table b ();');
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1), path(2)] }),
    );
    expect(await legacyRows(target.database)).toEqual(['00001-file.sql false', '00002-file.sql false']);
    const more = { ...files, [path(3)]: drop, [path(4)]: 'create table c ();' };
    expect(await target.run('deployment', more)).toEqual(
      expected({ status: 'succeeded', applied: [path(3), path(4)], skipped: 3 }),
    );
    expect(await target.run('deployment', more)).toEqual(expected({ status: 'nothing_to_do', skipped: 5 }));
  });

  test('with a NOT NULL column more does not pass unnoticed', async () => {
    const target = await makeTarget(server);
    await target.database.query(
      'create table tbl_deployments (file_name text primary key, manual_deployment boolean, date_applied timestamp, who text not null)',
    );
    const run = await target.run('deployment', deployments('create table a ();'));
    expect(run).toMatchObject({ status: 'failed', applied: [], failed: { file: path(0), sqlstate: '23502' } });
    expect(await target.tables()).toEqual(['tbl_deployments']);
  });
});

let roles = 0;

/** A login role of one test's own that may use the database and its public schema. */
async function makeRole(
  server: TestServer,
  database: TestDatabase,
): Promise<{ name: string; connection: ConnectionSettings }> {
  const name = `role_${process.pid}_${roles++}`;
  await database.query(`create role ${name} login password 'pw'`);
  await database.query(`grant create, usage on schema public to ${name}`);
  onTestFinished(async () => {
    // Runs before the database is dropped: registered later.
    await database.query(`drop owned by ${name}`);
    await database.query(`drop role ${name}`);
  });
  return { name, connection: { ...database.connection, host: server.host, user: name, password: 'pw' } };
}

describeEachServer('a role', (server) => {
  test('that may not create the ledger is refused, and told the grant that is missing', async () => {
    const target = await makeTarget(server);
    const { name, connection } = await makeRole(server, target.database);
    const files = deployments('create table a ();');
    const run = await target.run('deployment', files, { connection });
    expect(run).toMatchObject({ status: 'refused', applied: [], failed: { code: 'permission_missing' } });
    const grant = `GRANT CREATE ON DATABASE "${target.database.name}" TO "${name}";`;
    expect(run.whole.failed?.hint).toContain(grant);
    await target.database.query(grant);
    expect(await target.run('deployment', files, { connection })).toMatchObject({ status: 'succeeded' });
  });

  test('that may not use another’s ledger is refused, and after the grant told works with it', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', deployments('create table a ();'));
    const { connection } = await makeRole(server, target.database);
    const files = deployments('create table a ();', 'create table b (x int);', 'create index concurrently i on b (x);');
    const refused = await target.run('deployment', files, { connection });
    expect(refused).toMatchObject({ status: 'refused', failed: { code: 'permission_missing' } });
    const known = await target.run('deployment', files, { connection, hasLedger: true });
    expect(known.failed).toEqual(refused.failed);
    expect((await target.status(files, { connection })).failed).toMatchObject({ code: 'permission_missing' });
    const [grant = ''] = /GRANT .*;/.exec(refused.whole.failed?.hint ?? '') ?? [];
    await target.database.query(grant);
    expect(await target.run('deployment', files, { connection })).toEqual(
      expected({ status: 'succeeded', applied: [path(1), path(2)], skipped: 1 }),
    );
    // And the first one goes on from there.
    expect(await target.run('deployment', { ...files, [path(3)]: 'create table c ();' })).toEqual(
      expected({ status: 'succeeded', applied: [path(3)], skipped: 3 }),
    );
  });

  test('with half the rights on the ledger is refused before anything runs', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', deployments('create table a ();'));
    const { name, connection } = await makeRole(server, target.database);
    await target.database.query(`grant usage on schema postgres_manager to ${name}`);
    await target.database.query(`grant select, insert on postgres_manager.ledger to ${name}`);
    const run = await target.run('deployment', deployments('create table a ();', 'create table b ();'), { connection });
    expect(run).toMatchObject({ status: 'refused', applied: [], failed: { code: 'permission_missing' } });
    expect(run.whole.failed?.hint).toContain('GRANT');
  });

  test('that may not write tbl_deployments is refused, and told the grant that is missing', async () => {
    const target = await makeTarget(server);
    await target.database.query(LEGACY());
    const { name, connection } = await makeRole(server, target.database);
    await target.database.query(`grant create on database ${target.database.name} to ${name}`);
    const files = deployments('create table a ();');
    const refused = await target.run('deployment', files, { connection });
    expect(refused).toMatchObject({ status: 'refused', failed: { code: 'permission_missing' } });
    await target.database.query(/GRANT .*;/.exec(refused.whole.failed?.hint ?? '')?.[0] ?? '');
    expect(await target.run('deployment', files, { connection })).toMatchObject({ status: 'succeeded' });
    expect(await legacyRows(target.database)).toEqual(['00000-file.sql false']);
  });
});

describeEachServer('resolve', (server) => {
  test('has nothing to say of a file that does not wait to be settled', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', FILES);
    const resolve = (file: string, outcome: 'applied' | 'not_applied') =>
      resolveStep({ connection: target.database.connection, bundle: bundleOf(FILES), path: file, outcome });
    for (const outcome of ['applied', 'not_applied'] as const) {
      expect(await resolve(path(0), outcome)).toMatchObject({ status: 'refused', failed: { code: 'file_unknown' } });
      expect(await resolve('deployment/00009-nope.sql', outcome)).toMatchObject({ status: 'refused' });
    }
    expect(await target.ledger()).toHaveLength(3);
  });

  test('enters a create file whose work was done by hand, so that the create can be completed', async () => {
    const target = await makeTarget(server);
    const files = { 'create/1/a.sql': 'create table a ();', 'create/1/b.sql': 'select 1/0;' };
    await target.run('create', files);
    expect(
      await resolveStep({
        connection: target.database.connection,
        bundle: bundleOf(files),
        path: 'create/1/b.sql',
        outcome: 'applied',
      }),
    ).toMatchObject({ status: 'succeeded' });
    expect(await target.run('create', files)).toEqual(expected({ status: 'succeeded', skipped: 2 }));
    expect(await target.ledger()).toEqual(['create/1/a.sql run', 'create/1/b.sql resolved']);
  });
});
