import { describe, expect, test } from 'vitest';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import type { Problem } from '../validate/problem.ts';
import { checkScripts } from './check-script.ts';
import type { Script } from './script.ts';
import { ScriptReader } from './script-reader.ts';

async function problemsOf(content: string): Promise<Problem[]> {
  return checkScripts(bundleFromFiles([{ path: 'deployment/00000-a.sql', content }]).files);
}

async function scriptOf(content: string): Promise<Script> {
  const [file] = bundleFromFiles([{ path: 'deployment/00000-a.sql', content }]).files;
  if (file === undefined) throw new Error('no file');
  return new ScriptReader().read(file);
}

const places = (problems: readonly Problem[]): string[] => problems.map((p) => `${p.rule} ${p.line}:${p.column}`);

describe('transaction control', () => {
  test.each([
    ['', 'nothing'],
    ['begin; select 1; commit;', ''],
    ['begin; select 1; end', ''],
    ['-- why\nbegin work;\nselect 1;\ncommit work; -- done', ''],
    ['start transaction; select 1; commit transaction;', ''],
    ['begin; commit;', ''],
    ['begin isolation level repeatable read; select 1; commit;', ' ISOLATION LEVEL REPEATABLE READ'],
    ['begin isolation level serializable, deferrable; commit;', ' ISOLATION LEVEL SERIALIZABLE, DEFERRABLE'],
    ['start transaction isolation level serializable read write; commit', ' ISOLATION LEVEL SERIALIZABLE'],
    ['savepoint a; select 1; rollback to a; release a;', 'nothing'],
    ['begin; savepoint a; release a; commit;', ''],
  ])('is accepted around a whole file: %j', async (content, options) => {
    const script = await scriptOf(content);
    expect(script.problems).toEqual([]);
    expect(script.transactional).toBe(true);
    expect(script.blanks).toHaveLength(options === 'nothing' ? 0 : 2);
    expect(script.transactionOptions).toBe(options === 'nothing' ? '' : options);
  });

  test.each([
    ['select 1; commit;', ['1:11']],
    ['begin; select 1;', ['1:1']],
    ['commit;', ['1:1']],
    ['rollback;', ['1:1']],
    ['begin; select 1; rollback;', ['1:1', '1:18']],
    ['begin; select 1; commit; select 2;', ['1:1', '1:18']],
    ['select 1;\nbegin; select 1; commit;', ['2:1', '2:18']],
    ['begin; commit; begin; commit;', ['1:1', '1:8', '1:16', '1:23']],
    ['begin; begin; commit;', ['1:1', '1:8', '1:15']],
    ['begin; select 1; commit and chain;', ['1:1', '1:18']],
    ["select 1; prepare transaction 'x';", ['1:11']],
    ['begin read only; select 1; commit;', ['1:1']],
    ['begin; create index concurrently i on t (a); commit;', ['1:1']],
    ['savepoint a; vacuum t;', ['1:1']],
    ['select 1; abort;', ['1:11']],
    ['select 1; end;', ['1:11']],
  ])('is a problem anywhere else: %j', async (content, expected) => {
    expect(places(await problemsOf(content))).toEqual(expected.map((place) => `transaction-control ${place}`));
  });

  test.each([
    'create function f() returns int language plpgsql as $$ begin return 1; end $$;',
    'do $$ begin null; end $$;',
    'create function f() returns int begin atomic select 1; end;',
    "select 'commit';",
    '/* begin; */ select 1; -- commit;',
  ])('is not found in what only looks like it: %j', async (content) => {
    expect(await problemsOf(content)).toEqual([]);
  });
});

describe('statements that would drop the guards', () => {
  test.each([
    'select pg_advisory_unlock_all()',
    'select pg_catalog.pg_advisory_unlock(1)',
    'insert into t select pg_advisory_unlock_shared(1, 2)',
    'discard all',
    'reset all',
    'set session authorization x',
    'set session authorization default',
    'reset session authorization',
    "set client_encoding to 'latin1'",
    "set names 'latin1'",
    'set standard_conforming_strings to off',
    'set standard_conforming_strings = false',
    'set local standard_conforming_strings = 0',
    'delete from postgres_manager.ledger',
    "update postgres_manager.intent set file_name = 'x'",
    "insert into postgres_manager.ledger values ('x')",
    'truncate postgres_manager.ledger',
    'drop table postgres_manager.ledger',
    'drop table public.t, postgres_manager.ledger',
    'drop schema postgres_manager cascade',
    'alter table postgres_manager.ledger add column x int',
    'alter schema postgres_manager rename to x',
    'alter schema postgres_manager owner to x',
    'lock table postgres_manager.instance',
    'with gone as (delete from postgres_manager.ledger returning 1) select 1',
    'alter table postgres_manager.ledger set schema public',
    'create index on postgres_manager.ledger (applied_at)',
  ])('are a problem: %s', async (sql) => {
    expect(places(await problemsOf(`-- first\n  ${sql};`))).toEqual(['session-escape 2:3']);
  });

  test.each([
    'select pg_advisory_xact_lock(1)',
    'select pg_try_advisory_lock(1)',
    'set role r',
    'set local role r',
    'reset role',
    'set search_path to x',
    'reset search_path',
    "set client_encoding to 'UTF8'",
    "set names 'utf-8'",
    'set standard_conforming_strings to on',
    'discard temp',
    'select * from postgres_manager.ledger',
    "create function f() returns void language plpgsql as $$ begin perform 'pg_advisory_unlock_all'; end $$",
    "comment on table t is 'postgres_manager'",
    'drop table postgres_manager',
    'create table public.postgres_manager (a int)',
  ])('are none of these: %s', async (sql) => {
    expect(await problemsOf(sql)).toEqual([]);
  });
});

describe('a text that does not parse', () => {
  test.each([
    ['\\i other.sql', 'psql'],
    ['select 1;\n  \\connect x', 'psql'],
    ['select 1 \\gexec', 'psql'],
    ['copy t from stdin;\n1\tone\n\\.\n', 'psql'],
    ['copy t (a) from stdin;\n1\n', 'COPY … FROM stdin'],
    ['select :name;', 'Variables such as :name belong to psql'],
    ["select :'name';", 'Variables such as :name belong to psql'],
    ['<<<<<<< HEAD\nselect 1;\n', 'merge conflict'],
    ['select 1;\n=======\nselect 2;', 'merge conflict'],
    ['create table t (a int', 'ends in the middle of a statement'],
    ["select 'open", 'ends in the middle'],
    ['select /* open', 'ends in the middle'],
    ['select $$ open', 'ends in the middle'],
    ['select "open', 'ends in the middle'],
    ['selec 1;', 'Correct the SQL at the caret'],
    ['create tabel t ();', 'Correct the SQL at the caret'],
  ])('gets the hint that its cause calls for: %j', async (content, hint) => {
    const [problem, ...more] = await problemsOf(content);
    expect(more).toEqual([]);
    expect(problem?.rule).toBe('syntax');
    expect(problem?.hint).toContain(hint);
  });

  test.each([
    ['selec 1;', 1, 1, 'selec 1;'],
    ['select 1;\n\n  selec 2;', 3, 3, '  selec 2;'],
    ["-- é 🙂\nselect '🙂é' form t x y;", 2, 18, "select '🙂é' form t x y;"],
    ['\ufeffselec 1;', 1, 1, 'selec 1;'],
    ['select 1;\r\nselec 2;\r\n', 2, 1, 'selec 2;'],
    [`select '${'x'.repeat(700)}'; selec 2;`, 1, 712, `select '${'x'.repeat(700)}'; selec 2;`],
    [
      `select '${'é'.repeat(700)}'; selec '${'x'.repeat(700)}';`,
      1,
      712,
      `select '${'é'.repeat(700)}'; selec '${'x'.repeat(94)}`,
    ],
    [`select '${'x'.repeat(9000)}'; selec 2;`, 1, 9012, `select '${'x'.repeat(492)}`],
    [`select '${'x'.repeat(700)}';\r\nselec 2;\r\n`, 2, 1, 'selec 2;'],
    [`${'select 1;\n'.repeat(5000)}selec 2;`, 5001, 1, 'selec 2;'],
    [`-- é🙂\n${"select 'é🙂';\n".repeat(5000)}select '🙂' selec 2;`, 5002, 18, "select '🙂' selec 2;"],
  ])('is placed by line and column: %#', async (content, line, column, sourceLine) => {
    const [problem] = await problemsOf(content);
    expect({ line: problem?.line, column: problem?.column }).toEqual({ line, column });
    expect(problem?.sourceLine).toBe(sourceLine);
  });
});

describe('the header line `-- transactional: false`', () => {
  test.each([
    '-- transactional: false\ncall p();',
    '\n\n-- why\n--transactional:false\ncall p();',
    '-- Transactional: FALSE  \r\ncall p();',
    '\ufeff-- transactional: false\ncall p();',
  ])('is heard: %j', async (content) => {
    expect(await scriptOf(content)).toMatchObject({ transactional: false, problems: [] });
  });

  test.each([
    '-- transactional: true\ncall p();',
    'call p(); -- transactional: false',
    'select 1;\n-- transactional: false\ncall p();',
    '/* transactional: false */ call p();',
    "select '\n-- transactional: false\n';",
  ])('is not seen in anything else: %j', async (content) => {
    expect((await scriptOf(content)).transactional).toBe(true);
  });

  test('lets CALL, DO, REINDEX and CLUSTER run alone, and the rest in transactions', async () => {
    const { statements } = await scriptOf(
      '-- transactional: false\ncall p(); insert into t values (1); do $$ begin end $$; reindex table t; cluster t; select 1;',
    );
    expect(statements.map(({ facts }) => [facts.kind, facts.outsideTransaction])).toEqual([
      ['CallStmt', true],
      ['InsertStmt', false],
      ['DoStmt', true],
      ['ReindexStmt', true],
      ['ClusterStmt', true],
      ['SelectStmt', false],
    ]);
  });

  test('refuses more statements than are listed one by one: the rest would never run', async () => {
    const select = 'select 1;';
    expect(await problemsOf(`-- transactional: false\n${select.repeat(10_000)}`)).toEqual([]);
    const [problem, ...others] = await problemsOf(`-- transactional: false\n${select.repeat(10_001)}`);
    expect(problem).toMatchObject({ rule: 'transaction-control', line: null });
    expect(problem?.message).toContain('10001 statements');
    expect(others).toEqual([]);
    expect(await problemsOf(select.repeat(10_001))).toEqual([]);
  });
});
