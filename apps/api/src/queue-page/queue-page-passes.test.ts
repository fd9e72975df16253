import { afterEach, expect, test, vi } from 'vitest';
import { QueuePagePasses } from './queue-page-passes.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a pass stands for its key for half an hour', () => {
  vi.useFakeTimers();
  const passes = new QueuePagePasses();
  const pass = passes.make('key-1');
  expect(pass).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(passes.make('key-1')).not.toBe(pass);
  vi.advanceTimersByTime(30 * 60_000 - 1);
  expect(passes.keyOf(pass)).toBe('key-1');
  expect(passes.keyOf('p'.repeat(43))).toBeNull();
  vi.advanceTimersByTime(1);
  expect(passes.keyOf(pass)).toBeNull();
});

test('only so many are kept; the oldest fall out', () => {
  const passes = new QueuePagePasses();
  const made = Array.from({ length: 1001 }, () => passes.make('key-1'));
  expect([passes.keyOf(made[0] ?? ''), passes.keyOf(made[1] ?? '')]).toEqual([null, 'key-1']);
});
