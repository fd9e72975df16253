import { describe, expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { deployments, expected, makeTarget, path, type ShortFailure } from './target.ts';

interface Case {
  readonly title: string;
  readonly content: string | Uint8Array;
  readonly line: number | null;
  readonly column: number | null;
  readonly sqlstate: string;
}

const LONG = longFile();

const CASES: readonly Case[] = [
  {
    title: 'an error with a position',
    content: 'create table t (a int);\n\nselect a,\n  nope from t;\n',
    line: 4,
    column: 3,
    sqlstate: '42703',
  },
  {
    title: 'an error without a position',
    content: 'create table t (a int);\n\n-- again\n  create table t (a int);\nselect 1;',
    line: 4,
    column: 3,
    sqlstate: '42P07',
  },
  { title: 'an error of the first statement', content: 'drop table nope;', line: 1, column: 1, sqlstate: '42P01' },
  {
    title: 'an error inside a DO block',
    content: 'select 1;\ndo $$\nbegin\n  perform 1 / 0;\nend $$;',
    line: 2,
    column: 1,
    sqlstate: '22012',
  },
  {
    title: 'an error inside a function that the file calls',
    content:
      "create function f() returns void language plpgsql as $$\nbegin\n  raise exception 'no; not this' using errcode = 'P0042';\nend $$;\nselect 1;\nselect f();",
    line: 6,
    column: 1,
    sqlstate: 'P0042',
  },
  {
    title: 'an error in the body of a SQL function',
    content: 'create function f() returns int language sql as $$\n  select 1 +\n    nope;\n$$;',
    line: 3,
    column: 5,
    sqlstate: '42703',
  },
  {
    title: 'a deferred constraint that fails at the end',
    content:
      'create table p (id int primary key);\ncreate table c (id int references p deferrable initially deferred);\ninsert into c values (1);',
    line: null,
    column: null,
    sqlstate: '23503',
  },
  {
    title: 'letters and emoji before the error',
    content: "create table t (a text);\ninsert into t values ('grüße 🎉👩‍👩‍👧'), (nope);",
    line: 2,
    column: 41,
    sqlstate: '42703',
  },
  {
    title: 'emoji on earlier lines and in identifiers',
    content: 'create table "🎉🎉" (a int);\n-- 🎉é\nselect "🎉" from "🎉🎉";',
    line: 3,
    column: 8,
    sqlstate: '42703',
  },
  { title: 'CRLF', content: 'select 1;\r\n\r\nselect\r\n  nope;\r\n', line: 4, column: 3, sqlstate: '42703' },
  {
    title: 'CRLF, an error without a position',
    content: 'select 1;\r\ncreate table x ();\r\ncreate table x ();\r\n',
    line: 3,
    column: 1,
    sqlstate: '42P07',
  },
  { title: 'a byte order mark', content: '\uFEFFselect nope;', line: 1, column: 8, sqlstate: '42703' },
  {
    title: 'a byte order mark, an error without a position',
    content: '\uFEFFcreate table x ();\ncreate table x ();',
    line: 2,
    column: 1,
    sqlstate: '42P07',
  },
  { title: 'tabs', content: 'select 1;\n\t\tselect\tnope;', line: 2, column: 10, sqlstate: '42703' },
  {
    title: 'a BEGIN and COMMIT of its own',
    content: 'begin;\ncreate table x ();\ncreate table x ();\ncommit;\n',
    line: 3,
    column: 1,
    sqlstate: '42P07',
  },
  {
    title: 'a BEGIN with an isolation level of its own',
    content: 'BEGIN ISOLATION LEVEL SERIALIZABLE;\ncreate table x ();\nselect nope;\nEND;\n',
    line: 3,
    column: 8,
    sqlstate: '42703',
  },
  {
    title: 'an error without a position in the last piece of a large file',
    content: LONG.text,
    line: LONG.line,
    column: 1,
    sqlstate: '42P07',
  },
  {
    title: 'an error with a position in the last piece of a large file',
    content: LONG.text.replace(/create table big \(\);\n--/, 'select 🎉nope;\n--'),
    line: LONG.line,
    column: 8,
    sqlstate: '42703',
  },
  {
    title: 'a comment at the end without a line break',
    content: 'create table x (); select nope -- why',
    line: 1,
    column: 27,
    sqlstate: '42703',
  },
  { title: 'a refused type', content: "select 'x'::int;", line: 1, column: 8, sqlstate: '22P02' },
];

/** Three pieces of 64 KB and more, and a fault near the end. */
function longFile(): { text: string; line: number } {
  const rows = Array.from(
    { length: 4000 },
    (_, i) => `insert into big_rows values (${i}, 'ä row like any other, ${i}');`,
  );
  const lines = ['create table big ();', 'create table big_rows (id int, t text);', ...rows, 'create table big ();'];
  return { text: `${lines.join('\n')}\n-- the end\nselect 1;\n`, line: lines.length };
}

describeEachServer('a failing file', (server) => {
  describe('in the middle of a batch is rolled back in whole, those before it stay, those after do not start', () => {
    test.each(CASES)('$title', async ({ content, line, column, sqlstate }) => {
      const target = await makeTarget(server);
      const files = deployments(
        'create table kept_0 ();',
        'create table kept_1 (); insert into kept_1 default values;',
        content,
        'create table late ();',
        'create table later ();',
      );
      const failed: ShortFailure = { file: path(2), line, column, sqlstate, code: 'sql_error' };
      expect(await target.run('deployment', files)).toEqual(
        expected({ status: 'failed', applied: [path(0), path(1)], notStarted: [path(3), path(4)], failed }),
      );
      expect(await target.tables()).toEqual(['kept_0', 'kept_1']);
      expect(await target.ledger()).toEqual([`${path(0)} run`, `${path(1)} run`]);

      const mended = { ...files, [path(2)]: 'create table mended ();' };
      expect(await target.run('deployment', mended)).toEqual(
        expected({ status: 'succeeded', applied: [path(2), path(3), path(4)], skipped: 2 }),
      );
      expect(await target.tables()).toEqual(['kept_0', 'kept_1', 'late', 'later', 'mended']);
    });
  });

  test.skipIf(server.majorVersion >= 18)(
    'of syntax that only a newer server knows fails alone, wherever it stands in a batch',
    async () => {
      for (const before of [0, 1, 3]) {
        const target = await makeTarget(server);
        const kept = Array.from({ length: before }, (_, i) => `create table kept_${i} ();`);
        const files = deployments(
          ...kept,
          'create table x ();\ncreate table t (a int, b int generated always as (a * 2) virtual);',
          'create table late ();',
        );
        expect(await target.run('deployment', files)).toEqual(
          expected({
            status: 'failed',
            applied: kept.map((_, i) => path(i)),
            notStarted: [path(before + 1)],
            failed: { file: path(before), line: 2, column: 58, sqlstate: '42601', code: 'sql_error' },
          }),
        );
        expect(await target.tables()).toEqual(kept.map((_, i) => `kept_${i}`));
      }
    },
  );

  test.skipIf(server.majorVersion >= 18)(
    'of syntax that only a newer server knows is told apart from an earlier fault in the same batch',
    async () => {
      const target = await makeTarget(server);
      const files = deployments(
        'create table kept ();',
        'select nope;',
        'create table t (a int, b int generated always as (a * 2) virtual);',
      );
      expect(await target.run('deployment', files)).toEqual(
        expected({
          status: 'failed',
          applied: [path(0)],
          notStarted: [path(2)],
          failed: { file: path(1), line: 1, column: 8, sqlstate: '42703', code: 'sql_error' },
        }),
      );
    },
  );

  test('says where in a function it failed, and keeps row contents to itself', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'create table people (email text unique);',
      `do $$ begin\n  insert into people values ('secret@example.com'), ('secret@example.com');\nend $$;`,
    );
    const run = await target.run('deployment', files);
    expect(run.failed).toMatchObject({ file: path(1), sqlstate: '23505' });
    expect(run.whole.failed?.message).toContain('line 2');
    expect(JSON.stringify([run.whole, target.events])).not.toContain('secret@example.com');
  });

  test('tells one event for each file: started, finished or failed', async () => {
    const target = await makeTarget(server);
    const files = deployments('create table a ();', 'create table b ();', 'select nope;', 'select 1;');
    await target.run('deployment', files);
    const steps = target.events.flatMap((event) =>
      'index' in event ? [`${event.type} ${event.path} ${event.index}/${event.total}`] : [],
    );
    expect(steps).toEqual([
      `step_started ${path(0)} 1/4`,
      `step_finished ${path(0)} 1/4`,
      `step_started ${path(1)} 2/4`,
      `step_finished ${path(1)} 2/4`,
      `step_started ${path(2)} 3/4`,
      `step_failed ${path(2)} 3/4`,
    ]);
  });

  test('a statement beyond its time limit is a failure like any other', async () => {
    const target = await makeTarget(server);
    const files = deployments('create table a ();', 'select pg_sleep(30);', 'create table late ();');
    expect(await target.run('deployment', files, { statementTimeoutMs: 100 })).toEqual(
      expected({
        status: 'failed',
        applied: [path(0)],
        notStarted: [path(2)],
        failed: { file: path(1), line: 1, column: 1, sqlstate: '57014', code: 'sql_error' },
      }),
    );
  });

  test('a file in the middle of many that fails costs none of the files before it', async () => {
    const target = await makeTarget(server);
    const contents = Array.from({ length: 120 }, (_, i) => `create table t_${i} ();`);
    contents[77] = 'create table t_77 ();\ncreate table t_76 ();';
    const run = await target.run('deployment', deployments(...contents));
    expect(run).toMatchObject({
      status: 'failed',
      applied: { length: 77 },
      notStarted: { length: 42 },
      failed: { file: path(77), line: 2, column: 1, sqlstate: '42P07' },
    });
    expect(await target.tables()).toHaveLength(77);
  });

  test('a file that commits by itself at run time is noticed, and the run stops with the truth', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'create table a ();',
      'do $$ begin create table b (); commit; end $$;',
      'create table late ();',
    );
    const run = await target.run('deployment', files);
    expect(run).toMatchObject({
      status: 'failed',
      applied: [path(0)],
      notStarted: [path(2)],
      failed: { file: path(1) },
    });
    expect(await target.ledger()).toEqual([`${path(0)} run`]);
    expect(await target.tables()).toEqual(['a']);
  });
});
