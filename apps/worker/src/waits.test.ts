import { expect, test } from 'vitest';
import { jittered, lockLookMs, retryWaitMs } from './waits.ts';

test('retries wait twice as long each time, a minute at most', () => {
  expect([1, 2, 3, 4, 7, 50].map((tries) => retryWaitMs(tries, 1000))).toEqual([
    1000, 2000, 4000, 8000, 60_000, 60_000,
  ]);
});

test('a lock is looked at less often the longer it is waited for', () => {
  expect([0, 1000, 8000, 3_600_000].map(lockLookMs)).toEqual([250, 250, 2000, 10_000]);
});

test('waits are spread by a quarter', () => {
  expect([0, 0.5, 1].map((random) => jittered(1000, () => random))).toEqual([750, 1000, 1250]);
});
