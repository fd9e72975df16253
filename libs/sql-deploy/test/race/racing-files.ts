import { expect } from 'vitest';
import type { Files } from '../../../../test-support/temporary-root.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import type { Mode } from '../../src/bundle/bundle.ts';

const FILES = 12;

/** Files that record, in a table without a key, which backend ran them, from when until when. */
export function racingFiles(mode: Mode): Files {
  const folder = mode === 'create' ? 'create/1-all' : mode;
  const files = Array.from({ length: FILES }, (_, i): [string, string] => {
    const name = `${String(i).padStart(5, '0')}-file.sql`;
    const table =
      i === 0
        ? `create table runs (file text not null, pid int not null, began timestamptz not null, ended timestamptz);`
        : '';
    return [
      `${folder}/${name}`,
      `${table}
       insert into runs values ('${name}', pg_backend_pid(), clock_timestamp());
       select pg_sleep(0.005);
       update runs set ended = clock_timestamp() where file = '${name}';`,
    ];
  });
  // A statement that no transaction covers is where two runs at once would do the most harm.
  files.push([
    `${folder}/${String(FILES).padStart(5, '0')}-index.sql`,
    'create index concurrently runs_by_file on runs (file);',
  ]);
  return Object.fromEntries(files);
}

/** Each file ran once, all on one backend at a time: what two backends ran does not overlap. */
export async function expectOneAtATime(database: TestDatabase, mode: Mode): Promise<void> {
  const runs = await database.query<{ file: string; count: number }>(
    'select file, count(*)::int as count from runs group by file order by file',
  );
  expect(runs).toEqual(
    Array.from({ length: FILES }, (_, i) => ({ file: `${String(i).padStart(5, '0')}-file.sql`, count: 1 })),
  );
  const [ledger] = await database.query(
    `select count(*)::int as files, count(distinct file_name)::int as names from postgres_manager.ledger where folder = $1`,
    [mode],
  );
  expect(ledger).toEqual({ files: FILES + 1, names: FILES + 1 });
  const overlapping = await database.query(
    `select a.file, b.file from runs a join runs b on a.pid <> b.pid and a.began < b.ended and b.began < a.ended`,
  );
  expect(overlapping).toEqual([]);
  expect(await database.query('select from pg_index where not indisvalid')).toEqual([]);
}
