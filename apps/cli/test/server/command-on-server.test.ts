import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCluster, type TestServer } from '../../../../test-support/postgres-cluster.ts';
import { anyServer, describeEachServer } from '../../../../test-support/servers.ts';
import { createTestDatabase, dsnOf, type TestDatabase } from '../../../../test-support/test-database.ts';
import { result, rootWith, run, start, type Started } from './command.ts';

const KEYS = ['type', 'mode', 'status', 'applied', 'skipped', 'baselined', 'failed', 'problems', 'durationMs'];
const FAILED_KEYS = ['file', 'line', 'column', 'sqlstate', 'code', 'message', 'hint'];

async function makeDatabase(server: TestServer): Promise<TestDatabase> {
  const database = await createTestDatabase(server);
  onTestFinished(() => database.drop());
  return database;
}

async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function sleeping(database: TestDatabase): Promise<boolean> {
  const rows = await database.query(
    `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
  );
  return rows.length > 0;
}

const deploying = (root: string, dsn: string, ...more: string[]): string[] => [
  '--root',
  root,
  '--postgres-dsn',
  dsn,
  '--function',
  'deployment',
  '--json',
  ...more,
];

describeEachServer('the command', (server) => {
  test('creates, deploys and repairs, and ends each in one result line', async () => {
    const { dsn } = await makeDatabase(server);
    const root = await rootWith({
      'create/1/a.sql': 'create table a ();',
      'deployment/00000-b.sql': 'create table b ();',
      'manual-deployment/00003-m.sql': 'create table m ();',
    });
    const env = { POSTGRES_DSN: dsn };
    const created = await run(['--root', root, '--function=create', '--json'], env);
    expect(created).toMatchObject({ code: 0, stderr: '' });
    const last = result(created);
    expect(Object.keys(last).slice(0, KEYS.length)).toEqual(KEYS);
    expect(last).toMatchObject({
      type: 'result',
      mode: 'create',
      status: 'succeeded',
      applied: ['create/1/a.sql'],
      skipped: 0,
      baselined: 1,
      failed: null,
      problems: [],
    });
    expect(created.stdout).not.toContain(server.password);
    const deployed = await run(['--root', root, '--json'], { ...env, FUNCTION: 'deployment' });
    expect(deployed.code).toBe(0);
    expect(result(deployed)).toMatchObject({ mode: 'deployment', status: 'nothing_to_do', skipped: 1 });
    const repaired = await run(['--root', root, '--json', '--function', 'deployment'], {
      ...env,
      MANUAL_DEPLOY: 'true',
    });
    expect(result(repaired)).toMatchObject({ mode: 'manual-deployment', applied: ['manual-deployment/00003-m.sql'] });
    const status = await run(['status', '--root', root, '--json'], env);
    expect(status.code).toBe(0);
    expect(result(status)).toMatchObject({ status: 'succeeded', pending: [], changed: [], missing: [] });
  });

  test('tells a failing file with its place, and ends with 1', async () => {
    const { dsn } = await makeDatabase(server);
    const root = await rootWith({
      'deployment/00000-a.sql': 'create table a ();',
      'deployment/00001-b.sql': '\n  select nope;',
    });
    const ended = await run(deploying(root, dsn));
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const last = result(ended);
    expect(Object.keys(last['failed'] as object)).toEqual(FAILED_KEYS);
    expect(last).toMatchObject({
      status: 'failed',
      applied: ['deployment/00000-a.sql'],
      failed: { file: 'deployment/00001-b.sql', line: 2, column: 10, sqlstate: '42703', code: 'sql_error' },
    });
    const words = await run(['--root', root, '--function', 'deployment'], { POSTGRES_DSN: dsn });
    expect(words.code).toBe(1);
    expect(words.stdout + words.stderr).toMatch(
      /deployment\/00001-b\.sql:2:10[\s\S]*42703[\s\S]*\n.*select nope;\n +\S?.*\^/,
    );
  });

  test('ends with 4 on a changed file, and with 5 on a step that needs a person, which resolve settles', async () => {
    const database = await makeDatabase(server);
    const { dsn } = database;
    const root = await rootWith({ 'deployment/00000-a.sql': 'create table a ();' });
    await run(deploying(root, dsn));
    const other = await rootWith({ 'deployment/00000-a.sql': 'create table changed ();' });
    const changed = await run(deploying(other, dsn));
    expect(changed.code).toBe(4);
    expect(result(changed)).toMatchObject({ status: 'refused', failed: { code: 'changed_file' } });

    const more = await rootWith({
      'deployment/00000-a.sql': 'create table a ();',
      'deployment/00001-call.sql': `-- transactional: false\ndo $$ begin create table half (); commit; perform 1 / 0; end $$;`,
    });
    const failed = await run(deploying(more, dsn));
    expect(failed.code).toBe(5);
    expect(result(failed)).toMatchObject({ status: 'needs_attention', failed: { code: 'unfinished_step' } });
    expect((await run(deploying(more, dsn))).code).toBe(5);
    const settled = await run(['resolve', 'deployment/00001-call.sql', '--applied', '--root', more, '--json'], {
      POSTGRES_DSN: dsn,
    });
    expect(settled.code).toBe(0);
    expect((await run(deploying(more, dsn))).code).toBe(0);
  });

  test('is busy with 4 while another run has the lock', async () => {
    const database = await makeDatabase(server);
    const root = await rootWith({ 'deployment/00000-a.sql': 'select pg_sleep(60);' });
    const first = start(deploying(root, database.dsn));
    await until(() => sleeping(database));
    const second = await run(deploying(root, database.dsn, '--lock-wait', '0.1'));
    expect(second.code).toBe(4);
    expect(result(second)).toMatchObject({ status: 'busy', failed: { code: 'lock_busy' } });
    expect(second.stdout).toContain('postgres-manager deployment/00000-a.sql');
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(143);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'at %s ends the statement on the server, tells what is applied, and exits with %i',
    async (signal, code) => {
      const database = await makeDatabase(server);
      const root = await rootWith({
        'deployment/00000-a.sql': 'create table a ();',
        'deployment/00001-b.sql': 'create table x (); select pg_sleep(60);',
        'deployment/00002-c.sql': 'create table c ();',
      });
      const running: Started = start(deploying(root, database.dsn));
      await until(() => sleeping(database));
      running.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(code);
      expect(await sleeping(database)).toBe(false);
      expect(result(ended)).toMatchObject({
        status: 'failed',
        applied: ['deployment/00000-a.sql'],
        notStarted: ['deployment/00002-c.sql'],
        failed: { code: 'cancelled', file: 'deployment/00001-b.sql' },
      });
      expect(await database.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([
        { tablename: 'a' },
      ]);
    },
  );

  test.each<[string, Record<string, string | Uint8Array>, string, number | null]>([
    ['invalid UTF-8', { 'deployment/00000-a.sql': Buffer.from([0x2d, 0x2d, 0x0a, 0xff]) }, 'encoding', 2],
    ['a NUL', { 'deployment/00000-a.sql': 'select 1;\0' }, 'encoding', 1],
    ['a psql meta-command', { 'deployment/00000-a.sql': 'select 1;\n\\d\n' }, 'syntax', 2],
    [
      'COPY FROM stdin',
      { 'deployment/00000-a.sql': 'create table a (b int);\ncopy a from stdin;\n1\n\\.\n' },
      'syntax',
      3,
    ],
    ['COPY FROM stdin without rows', { 'deployment/00000-a.sql': 'select 1;\ncopy a from stdin;\n' }, 'syntax', 2],
    ['a directory named like a file', { 'deployment/00000-x.sql/': '' }, 'file-access', null],
    [
      'a gap',
      { 'deployment/00000-a.sql': '', 'deployment/00001-b.sql': '', 'deployment/00040-c.sql': '' },
      'ordinal-gap',
      null,
    ],
    ['an ordinal twice', { 'deployment/00000-a.sql': '', 'deployment/00000-b.sql': '' }, 'ordinal-duplicate', null],
    ['a bad name', { 'deployment/1-a.sql': '' }, 'file-name', null],
    ['a file too large', { 'deployment/00000-a.sql': Buffer.alloc(60 * 1024 * 1024, 0x20) }, 'file-access', null],
  ])('refuses %s with 3 before the database is touched', async (_title, files, rule, line) => {
    const database = await makeDatabase(server);
    const root = await rootWith(files);
    const ended = await run(deploying(root, database.dsn));
    expect(ended.code).toBe(3);
    const problems = result(ended)['problems'] as { rule: string; line: number | null }[];
    expect(problems.map((problem) => problem.rule)).toContain(rule);
    expect(problems.find((problem) => problem.rule === rule)?.line).toBe(line);
    expect(await database.query(`select from pg_namespace where nspname = 'postgres_manager'`)).toEqual([]);
  });

  test('refuses a link that leads outside with 3, and shows nothing of what it leads to', async () => {
    const database = await makeDatabase(server);
    const outside = await rootWith({ 'secret.sql': 'select c4n4ry;' });
    const root = await rootWith({ 'deployment/': '' });
    await symlink(join(outside, 'secret.sql'), join(root, 'deployment/00000-link.sql'));
    const ended = await run(deploying(root, database.dsn));
    expect(ended.code).toBe(3);
    expect(result(ended)).toMatchObject({ status: 'invalid', problems: [{ rule: 'file-access' }] });
    expect(ended.stdout).not.toContain('c4n4ry');
  });

  test('refuses a read-only database with 4', async () => {
    const database = await makeDatabase(server);
    await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
    const root = await rootWith({ 'deployment/00000-a.sql': 'create table a ();' });
    const ended = await run(deploying(root, database.dsn));
    expect(ended.code).toBe(4);
    expect(result(ended)).toMatchObject({ status: 'refused', failed: { code: 'read_only' } });
  });

  test.each<[string, string]>([
    ['that is broken', '{"a.sql": 1'],
    ['that names a file that is not there', '{"a.sql": 1, "b.sql": 2, "nope.sql": 3}'],
    ['that leaves a file out', '{"a.sql": 1}'],
  ])('refuses an order.json %s with 3', async (_title, order) => {
    const database = await makeDatabase(server);
    const root = await rootWith({
      'create/1/order.json': order,
      'create/1/a.sql': 'select 1;',
      'create/1/b.sql': 'select 1;',
    });
    const ended = await run(['--root', root, '--function', 'create', '--json', '--postgres-dsn', database.dsn]);
    expect(ended.code).toBe(3);
    expect(result(ended)).toMatchObject({ status: 'invalid', problems: [{ rule: 'order-manifest' }] });
  });

  test('refuses a wrong password, database, host and port with 4, and shows no password', async () => {
    const database = await makeDatabase(server);
    const root = await rootWith({ 'deployment/00000-a.sql': 'select 1;' });
    const at = (over: Partial<TestServer>, name = database.name) => dsnOf({ ...server, ...over }, name);
    const canary = 'c4n4ry-S3cret';
    const wrong: [string, string][] = [
      [at({ password: canary }), 'authentication_failed'],
      [at({ user: 'nobody_here', password: canary }), 'authentication_failed'],
      [at({}, 'no_such_database'), 'database_missing'],
      [at({ host: 'no-such-host.invalid', password: canary }), 'unreachable'],
      [at({ port: 1, password: canary }), 'unreachable'],
    ];
    const all = wrong.map(async ([dsn, code]) => {
      const ended = await run(deploying(root, dsn, '--connect-timeout', '0.3'));
      expect([ended.code, (result(ended)['failed'] as { code: string }).code]).toEqual([4, code]);
      for (const secret of [canary, server.password]) expect(ended.stdout + ended.stderr).not.toContain(secret);
    });
    await Promise.all(all);
  });

  test('tells when the database disappears midway', async () => {
    const database = await makeDatabase(server);
    const root = await rootWith({
      'deployment/00000-a.sql': 'create table a ();',
      'deployment/00001-b.sql': 'select pg_sleep(60);',
    });
    const running = start(deploying(root, database.dsn));
    await until(() => sleeping(database));
    await database.drop();
    const ended = await running.ended;
    expect(ended.code).toBe(1);
    expect(result(ended)).toMatchObject({ failed: { code: 'connection_lost', file: 'deployment/00001-b.sql' } });
  });
});

test('a server that is away for a while is waited for', async (context) => {
  const { binDirectory } = anyServer();
  if (binDirectory === null) {
    context.skip('the server of this run is not ours to stop');
    return;
  }
  const cluster = await startCluster('away', binDirectory);
  onTestFinished(() => cluster.remove());
  const root = await rootWith({ 'deployment/00000-a.sql': 'create table a ();' });
  await cluster.stop();
  const running = start(deploying(root, dsnOf(cluster.server, 'postgres')));
  await until(() => running.output().includes('"attempt":3'));
  await cluster.startAgain();
  const ended = await running.ended;
  expect(ended.code).toBe(0);
  expect(result(ended)).toMatchObject({ status: 'succeeded', applied: ['deployment/00000-a.sql'] });
});
