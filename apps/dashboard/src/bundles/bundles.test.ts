import { expect, test } from 'vitest';
import { treeRows } from './file-tree.ts';
import { lineDiff } from './line-diff.ts';
import { takeFolders } from './read-folder.ts';
import { bytesText } from './texts.ts';
import { usualBundle } from './usual-bundle.ts';

const chosen = (paths: readonly string[], size = 10) => paths.map((path) => ({ path, file: { size } as File }));
const taken = (paths: readonly string[]) => takeFolders(chosen(paths)).files.map(({ path }) => path);

test('of a repository the three folders are taken, without notes and dotfiles', () => {
  expect(
    taken([
      'repo/create/1-tables/a.sql',
      'repo/deployment/00000-a.sql',
      'repo/deployment/README.md',
      'repo/deployment/.keep',
      'repo/.git/create/x.sql',
      'repo/src/create/x.sql',
      'repo/package.json',
    ]),
  ).toEqual(['create/1-tables/a.sql', 'deployment/00000-a.sql']);
});

test('one of the three may be chosen by itself', () => {
  expect(taken(['deployment/00000-a.sql'])).toEqual(['deployment/00000-a.sql']);
});

test('what can not be sent is told before it is', () => {
  expect(takeFolders([]).fault).toContain('empty');
  expect(takeFolders(chosen(['repo/src/a.sql'])).fault).toContain('There is no create/');
  expect(takeFolders(chosen(['deployment/00000-a.sql'], 60 * 1024 * 1024)).fault).toContain('48 MiB');
  expect(takeFolders(chosen(['deployment/00000-a.sql'])).fault).toBeNull();
});

test('a tree has folders first, and numbers in their order', () => {
  const files = ['create/10-b/x.sql', 'create/2-a/y.sql', 'create/order.json', 'deployment/00000-a.sql'].map(
    (path) => ({
      path,
      status: path.endsWith('y.sql') ? 'failed' : null,
    }),
  );
  expect(treeRows(files, new Set()).map(({ path, level }) => `${level} ${path}`)).toEqual([
    '1 create/',
    '2 create/2-a/',
    '3 create/2-a/y.sql',
    '2 create/10-b/',
    '3 create/10-b/x.sql',
    '2 create/order.json',
    '1 deployment/',
    '2 deployment/00000-a.sql',
  ]);
  expect(treeRows(files, new Set(['create/']))[0]).toMatchObject({ files: 3, marked: 1, isOpen: false });
});

test('a difference has the lines of both sides with their numbers', () => {
  const hunks = lineDiff('a\nb\nc\n', 'a\nB\nc\nd\n');
  expect(hunks?.flat().map(({ change, from, to, text }) => `${change} ${from} ${to} ${text}`)).toEqual([
    'same 1 1 a',
    'removed 2 null b',
    'added null 2 B',
    'same 3 3 c',
    'added null 4 d',
  ]);
  expect(lineDiff('same\n', 'same\n')).toEqual([]);
  expect(
    lineDiff('a', 'a\n')
      ?.flat()
      .map(({ change }) => change),
  ).toEqual(['removed', 'added']);
});

test('sizes have as much precision as they deserve', () => {
  expect([812, 1536, 14_336, 3_400_000].map(bytesText)).toEqual(['812 B', '1.5 KiB', '14 KiB', '3.2 MiB']);
});

test('targets are held against the newest bundle that has arrived, not against one that was only uploaded', () => {
  const bundle = (digest: string, targets: number, problems = 0) => ({
    digest,
    targets,
    problems,
    files: 1,
    sizeBytes: 1,
    createdAt: '',
    createdBy: '',
  });
  expect(usualBundle([bundle('new', 0), bundle('there', 3), bundle('old', 9)])).toBe('there');
  expect(usualBundle([bundle('broken', 0, 2), bundle('fit', 0)])).toBe('fit');
  expect(usualBundle([])).toBeNull();
});
