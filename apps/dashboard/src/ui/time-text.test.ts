import { expect, test } from 'vitest';
import { counted, durationText, relativeTime } from './time-text.ts';

const NOW = Date.parse('2026-03-04T12:00:00Z');
const before = (seconds: number): string => relativeTime(NOW - seconds * 1000, NOW);

test('a time is told from now, in the coarsest unit that says it', () => {
  expect([3, 34, 90, 7200, 100_000, 400_000].map(before)).toEqual([
    'just now',
    '30 s ago',
    '1 min ago',
    '2 h ago',
    '27 h ago',
    '4 d ago',
  ]);
  expect(before(-7200)).toBe('in 2 h');
});

test('a length of time has as much precision as it deserves', () => {
  expect([0.4, 812, 2440, 42_000, 185_000, 8_040_000].map(durationText)).toEqual([
    '0 ms',
    '812 ms',
    '2.4 s',
    '42 s',
    '3 min 5 s',
    '2 h 14 min',
  ]);
});

test('a number takes its noun along', () => {
  expect([counted(1, 'target'), counted(1000, 'target'), counted(2, 'entry', 'entries')]).toEqual([
    '1 target',
    '1,000 targets',
    '2 entries',
  ]);
});
