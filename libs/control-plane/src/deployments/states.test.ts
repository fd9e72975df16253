import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isFinal, mayGo, sourcesOf, STATUSES } from './states.ts';

test('four statuses are final, and nothing leaves them', () => {
  expect(STATUSES.filter(isFinal)).toEqual(['succeeded', 'failed', 'cancelled', 'needs_attention']);
  for (const status of STATUSES.filter(isFinal)) expect(STATUSES.filter((to) => mayGo(status, to))).toEqual([]);
});

test('every status can still come to an end', () => {
  const ends = new Set(STATUSES.filter(isFinal));
  for (let round = 0; round < STATUSES.length; round++) {
    for (const status of STATUSES)
      if (STATUSES.some((to) => mayGo(status, to) && ends.has(to as never))) ends.add(status as never);
  }
  expect([...ends].sort()).toEqual([...STATUSES].sort());
});

test('what was asked to stop never runs again as if nothing had been said', () => {
  expect(STATUSES.filter((to) => mayGo('cancelling', to))).toEqual([
    'succeeded',
    'failed',
    'cancelled',
    'needs_attention',
  ]);
});

test('sourcesOf and mayGo tell the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...STATUSES), (from, to) => {
      expect(sourcesOf(to).includes(from)).toBe(mayGo(from, to));
    }),
  );
});

test('only the folder transitions/ changes a status', () => {
  const source = fileURLToPath(new URL('../', import.meta.url));
  const changers = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      return (
        /UPDATE control_plane\.deployments|INSERT INTO control_plane\.deployments/.test(text) && /\bstatus\b/.test(text)
      );
    });
  expect(changers.length).toBeGreaterThan(0);
  expect(changers.filter((file) => !file.startsWith(join('deployments', 'transitions')))).toEqual([]);
});
