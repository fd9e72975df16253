import fc from 'fast-check';
import { parse } from 'libpg-query';
import { expect, test } from 'vitest';
import { longRun } from '../../../test-support/long-run.ts';
import { replay } from '../../../test-support/replay.ts';
import { bundleFromFiles, parseDsn, type Problem, SqlDeployError, validate } from '../src/index.ts';

/** 60,000 in the long form; the API's own test has the other 40,000. */
const RUNS = longRun ? 15_000 : 300;
const SLOW_MS = 2000;
const OPTIONS = { numRuns: RUNS, ...(longRun ? {} : { seed: 20_300_406 }), ...replay() };

const ODD = fc.constantFrom(
  '',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '\ufeff',
  '%',
  '%00',
  '%zz',
  '/',
  '\\',
  ':',
  '@',
  '?',
  '#',
  '=',
  '[',
  ']',
  "'",
  '"',
  ';',
  '$$',
  '--',
  '/*',
  '..',
  '\ud800',
  '☃',
  'é',
  '💥',
  'a'.repeat(300),
);

/** A text with some of its pieces taken away, doubled, exchanged, or odd ones put between. */
function mutated(good: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 6 }),
    put: fc.oneof(ODD, fc.string({ unit: 'binary', maxLength: 8 })),
  });
  return fc.tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 5 })).map(([text, changes]) =>
    changes.reduce((now, { at, length, put }) => {
      const place = Math.floor(at * now.length);
      return now.slice(0, place) + put + now.slice(place + length);
    }, text),
  );
}

async function inTime<T>(work: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(SLOW_MS);
  return result;
}

/** What the library makes of files: problems, or the refusal to take the paths at all. */
async function judge(files: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  try {
    return await validate(bundleFromFiles(Object.entries(files).map(([path, content]) => ({ path, content }))));
  } catch (error) {
    if (!(error instanceof SqlDeployError)) throw error;
    expect(error.code).toBe('bundle_path_invalid');
    return [
      {
        rule: 'file-name',
        path: '',
        line: null,
        column: null,
        message: error.message,
        hint: error.hint,
        sourceLine: null,
      },
    ];
  }
}

test('no DSN crashes the parser, and none that is refused shows its password', async () => {
  const secret = 'c4n4ry';
  const dsns = mutated([
    `postgres://app:${secret}@db.example:5432/shop?sslmode=require`,
    `postgresql://app:${secret}@[::1]/shop`,
    `host=db.example port=5432 user=app password=${secret} dbname=shop`,
    `host='a b' password='${secret}\\'x' dbname=shop`,
  ]);
  await fc.assert(
    fc.asyncProperty(dsns, (dsn) =>
      inTime(() => {
        try {
          const { host, port } = parseDsn(dsn);
          expect(host.length).toBeGreaterThan(0);
          expect(Number.isInteger(port) && port > 0 && port < 65_536).toBe(true);
        } catch (error) {
          if (!(error instanceof SqlDeployError)) throw error;
          expect(error.code).toBe('dsn_invalid');
          // Also not in pieces, when a mutation has split it.
          expect(`${error.message} ${error.hint}`).not.toMatch(/c4n4|4n4r|n4ry/);
        }
      }),
    ),
    OPTIONS,
  );
}, 600_000);

test('no order.json crashes the validator, and none that is wrong passes', async () => {
  const orders = mutated(['{"a.sql": 1, "b.sql": 2}', '{"1": "a.sql", "2": "b.sql"}', '[]', '{"b.sql":10,"a.sql":9}']);
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      const files = { 'create/1/a.sql': 'SELECT 1;', 'create/1/b.sql': 'SELECT 2;', 'create/1/order.json': order };
      const problems = await inTime(() => judge(files));
      if (problems.length > 0) return;
      // What passes is JSON, and names both files.
      const text = JSON.stringify(JSON.parse(order.replace(/^\ufeff/, '')));
      expect(text).toContain('a.sql');
      expect(text).toContain('b.sql');
    }),
    OPTIONS,
  );
}, 600_000);

test('no file name crashes the validator, and none that would never run passes', async () => {
  const names = mutated([
    'deployment/00000-a.sql',
    'create/1-tables/a.sql',
    'manual-deployment/00007-fix it.sql',
    'deployment/notes.md',
  ]);
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const problems = await inTime(() => judge({ [name]: 'SELECT 1;' }));
      if (problems.length > 0) return;
      expect(name).toMatch(
        /^(deployment\/00000-[^/]+\.sql|manual-deployment\/\d{5}-[^/]+\.sql|create\/[^/]+\/[^/]+\.sql|.*\.md|(.*\/)?\.[^/]*)$/s,
      );
    }),
    OPTIONS,
  );
}, 600_000);

test('no SQL text crashes the validator, and none that PostgreSQL’s parser refuses passes', async () => {
  const texts = mutated([
    'CREATE TABLE a (id int PRIMARY KEY, note text DEFAULT $$x$$); -- done',
    "INSERT INTO a VALUES (1, E'it\\'s'); UPDATE a SET id = 2 WHERE note LIKE '%x';",
    'BEGIN; CREATE INDEX i ON a (id); COMMIT;',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; /* /* nested */ */',
    '-- transactional: false\nCREATE INDEX CONCURRENTLY i ON a (id);\nVACUUM a;',
    'DO $x$ BEGIN PERFORM 1; END $x$;',
  ]);
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const problems = await inTime(() => judge({ 'deployment/00000-a.sql': text }));
      if (problems.length === 0) await parse(text.replace(/^\ufeff/, ''));
    }),
    OPTIONS,
  );
}, 600_000);
