import { expect } from 'vitest';
import type { Files } from '../../../../test-support/temporary-root.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import type { Mode } from '../../src/bundle/bundle.ts';
import { type Ended, expectExit, runCommand } from './command.ts';

/**
 * Files that leave a mark in a table without a key each time they run: what ran twice is there twice. Among them are
 * one large enough to be sent in several texts, one that no transaction covers, and a procedure that commits.
 */

/** What `waits` waits for while a test holds it: an advisory lock of the test's own. */
export const HELD_LOCK = 77;

/** The same for the procedure, between its two commits. */
export const HELD_LOCK_OF_CALL = 78;

const MARKS = `create table marks (mark text not null, pid int not null default pg_backend_pid(),
  began timestamptz not null default clock_timestamp(), ended timestamptz);
create procedure work() language plpgsql as $$ begin
  insert into marks values ('call 1'); commit;
  perform pg_advisory_xact_lock_shared(${HELD_LOCK_OF_CALL}); insert into marks values ('call 2'); commit;
end $$;
insert into marks values ('first');`;

/** Over half a megabyte, sent in five pieces. */
const large = [
  "insert into marks values ('large begins');",
  ...Array.from({ length: 40 }, (_, i) => `select ${i} /* ${'long; '.repeat(2500)} */;`),
  "insert into marks values ('large ends');",
].join('\n');

const BODIES: readonly (readonly [name: string, sql: string])[] = [
  ['first', MARKS],
  ['small', "insert into marks values ('small');"],
  ['definition', 'create table defined (a int);'],
  ['waits', `insert into marks values ('waits'); select pg_advisory_xact_lock_shared(${HELD_LOCK});`],
  ['own-transaction', "begin; insert into marks values ('own transaction'); commit;"],
  ['changes-session', "set search_path to pg_catalog; insert into public.marks values ('changes session');"],
  ['large', large],
  ['index', "create index concurrently marks_by_mark on marks (mark);\ninsert into marks values ('index');"],
  ['call', '-- transactional: false\ncall work();'],
  ['last', "insert into marks values ('last');"],
];

const MARKS_MADE = [
  'call 1',
  'call 2',
  'changes session',
  'first',
  'index',
  'large begins',
  'large ends',
  'last',
  'own transaction',
  'small',
  'waits',
];

const ordinal = (index: number): string => String(index).padStart(5, '0');

/** The files of a mode. A create's are followed by a deployment file that must become baseline and never run. */
export function markedFiles(mode: Mode): Files {
  const files = BODIES.map(([name, sql], i) =>
    mode === 'create' ? [`create/1-all/${ordinal(i)}-${name}.sql`, sql] : [`${mode}/${ordinal(i)}-${name}.sql`, sql],
  );
  if (mode === 'create') files.push(['deployment/00000-never.sql', "insert into marks values ('never');"]);
  return Object.fromEntries(files) as Files;
}

/** Waits until no run's backend is left in a database: one outlives its client until the server notices. */
export async function untilBackendsAreGone(database: TestDatabase): Promise<void> {
  await until(async () => {
    const [row] = await database.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name like 'postgres-manager%'`,
    );
    return row?.count === 0;
  });
}

/** Asks again and again until the answer is yes; the test's own time limit ends it. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 15));
}

/**
 * Runs the command again after a kill, settles what is left to a person as a person would, and holds the database
 * against what one single run would have made.
 * @returns how the first of these runs ended
 */
export async function finishAndCheck(database: TestDatabase, root: string, mode: Mode): Promise<Ended> {
  const args = ['--postgres-dsn', database.dsn, '--root', root];
  const run = [...args, ...modeArguments(mode)];
  const again = await runCommand(...run);
  if (again.code === 5) {
    const path = again.result?.failed?.file ?? '';
    expect(path).toMatch(/-call\.sql$/);
    const refused = await runCommand(...run);
    expectExit(refused, 5);
    const outcome = await settleCall(database);
    const resolved = await runCommand('resolve', ...args, path, outcome);
    expectExit(resolved, 0);
    const last = await runCommand(...run);
    expectExit(last, 0);
  } else {
    expectExit(again, 0);
  }
  await expectAppliedOnce(database, mode);
  return again;
}

/** What chooses a mode on the command line. */
export function modeArguments(mode: Mode): string[] {
  return mode === 'manual-deployment' ? ['--function', 'deployment', '--manual-deployment'] : ['--function', mode];
}

/** Looks at the target as a person does who is asked about an interrupted CALL. */
async function settleCall(database: TestDatabase): Promise<'--applied' | '--not-applied'> {
  const rows = await database.query<{ mark: string }>("select mark from marks where mark like 'call%' order by mark");
  const found = rows.map((row) => row.mark);
  expect([[], ['call 1'], ['call 1', 'call 2']]).toContainEqual(found);
  if (found.length === 2) return '--applied';
  await database.query("delete from marks where mark like 'call%'");
  return '--not-applied';
}

/** Every mark once, every file in the ledger once, nothing unfinished, the index valid. */
export async function expectAppliedOnce(database: TestDatabase, mode: Mode): Promise<void> {
  const marks = await database.query<{ mark: string }>('select mark from marks order by mark collate "C"');
  expect(marks.map((row) => row.mark)).toEqual(MARKS_MADE);
  const ledger = await database.query<{ path: string }>(
    `select folder || '/' || file_name as path from postgres_manager.ledger order by 1`,
  );
  expect(ledger.map((row) => row.path)).toEqual(Object.keys(markedFiles(mode)).sort());
  const [rest] = await database.query(
    `select (select count(*)::int from postgres_manager.intent) as intents,
            (select count(*)::int from pg_index where not indisvalid) as invalid,
            (select count(*)::int from pg_class where relname like 'marks\\_by\\_%') as indexes,
            (select create_completed_at is not null from postgres_manager.instance) as complete`,
  );
  expect(rest).toEqual({ intents: 0, invalid: 0, indexes: 1, complete: mode === 'create' });
}
