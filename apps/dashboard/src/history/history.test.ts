import { expect, test } from 'vitest';
import { filterOf, fromLocalInput, toLocalInput } from './history-filter.ts';
import { type HistoryPage, isSettled, mergePages, type PastDeployment, reaches } from './merge-pages.ts';

const row = (n: number, status = 'succeeded'): PastDeployment =>
  ({ id: String(n), status, createdAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() }) as PastDeployment;
const page = (numbers: readonly number[], nextCursor: string | null = 'next'): HistoryPage => ({
  items: numbers.map((n) => row(n)),
  nextCursor,
});
const ids = (rows: readonly PastDeployment[]): string => rows.map(({ id }) => id).join(' ');

test('what came since stands first, and what it pushed out of the first page stays', () => {
  expect(ids(mergePages(page([9, 8, 7]), [page([7, 6, 5]), page([4, 3, 2])]))).toBe('9 8 7 6 5 4 3 2');
});

test('what no longer fits the filter is gone from the first page', () => {
  expect(ids(mergePages(page([9, 6]), [page([9, 8, 6, 5]), page([4])]))).toBe('9 6 5 4');
  expect(ids(mergePages(page([9], null), [page([9, 8, 7], null)]))).toBe('9');
});

test('no deployment is listed twice', () => {
  expect(ids(mergePages(page([3, 2]), [page([3, 2]), page([2, 1])]))).toBe('3 2 1');
});

test('a gap is noticed', () => {
  expect(reaches(page([9, 8]), page([8, 7]))).toBe(true);
  expect(reaches(page([9, 8]), page([5, 4]))).toBe(false);
  expect(reaches(page([9, 8], null), page([5, 4]))).toBe(true);
});

test('a page is settled when all of it has ended', () => {
  expect(isSettled(page([1, 2]))).toBe(true);
  expect(isSettled({ items: [row(1), row(2, 'queued')], nextCursor: null })).toBe(false);
});

test('of the address only what the service takes is asked for', () => {
  const address = (settings: Record<string, string>) => filterOf({ get: (name) => settings[name] ?? '' });
  expect(
    address({ target: ' a ', status: 'failed', mode: 'nonsense', rollout: '1', createdAfter: 'x', other: 'y' }),
  ).toEqual({ target: 'a', status: 'failed' });
});

test('times of a field and of the address are the same to the minute', () => {
  expect(fromLocalInput(toLocalInput('2026-03-04T12:30:00.000Z'))).toBe('2026-03-04T12:30:00.000Z');
  expect([toLocalInput('nonsense'), fromLocalInput('')]).toEqual(['', '']);
});
