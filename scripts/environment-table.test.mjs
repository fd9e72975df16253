import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (/** @type {string} */ path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const COLUMNS = ['api', 'worker', 'standalone'];

/** The variables that an app's config.ts names: keys of its schema, or names in quotes. */
const READ = Object.fromEntries(
  COLUMNS.map((app) => {
    const source = read(`apps/${app}/src/config.ts`).replaceAll(/\/\*\*[\s\S]*?\*\/|^import .*$/gm, '');
    const names = app === 'standalone' ? /'([A-Z][A-Z0-9_]+)'/g : /^ {2}([A-Z][A-Z0-9_]+):/gm;
    return [app, new Set([...source.matchAll(names)].map(([, name = '']) => name))];
  }),
);

/** Each row of the table in docs/operations.md: its variables, and what it says for each app. */
const SECTION = /## Environment variables\n([\s\S]*?)\n## /.exec(read('docs/operations.md'))?.[1] ?? '';
const ROWS = SECTION.split('\n')
  .filter((line) => /^\| `[A-Z]/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, names = '', ...cells]) => ({ names: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name), cells }));

test.each(COLUMNS)('the table of variables names what %s reads, and says so in its column', (app) => {
  const column = COLUMNS.indexOf(app);
  const documented = new Set(ROWS.flatMap(({ names, cells }) => (cells[column] === '' ? [] : names)));
  const missing = [...(READ[app] ?? [])].filter(
    (name) => !documented.has(name) && !['TERM', 'NO_COLOR'].includes(name),
  );
  expect(missing).toEqual([]);
});

test('the table has no variable that nothing reads', () => {
  const known = new Set(COLUMNS.flatMap((app) => [...(READ[app] ?? [])]));
  expect(ROWS.flatMap(({ names }) => names).filter((name) => !known.has(name))).toEqual([]);
});

test.each(['api', 'worker'])('a column without a word means that the %s does not read it', (app) => {
  const column = COLUMNS.indexOf(app);
  const silent = ROWS.filter(({ cells }) => cells[column] === '').flatMap(({ names }) => names);
  expect(silent.filter((name) => READ[app]?.has(name))).toEqual([]);
});
