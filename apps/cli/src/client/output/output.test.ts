import { describe, expect, it } from 'vitest';
import { createPaint } from '../../output/paint.ts';
import { relativeTime } from './relative-time.ts';
import { tableLines } from './table.ts';

const paint = createPaint(false);

describe('a table', () => {
  const columns = [{ title: 'ID' }, { title: 'NAME', least: 4 }, { title: 'WHY', least: 4, rank: 1 }];
  const rows = [
    [{ text: '0123456789' }, { text: 'a-rather-long-name' }, { text: 'because' }],
    [{ text: '1' }, { text: 'b\u001b[2J' }, { text: '' }],
  ];

  it('is as wide as it has to be in a pipe', () => {
    expect(tableLines(columns, rows, null, paint)).toEqual([
      'ID          NAME                WHY',
      '0123456789  a-rather-long-name  because',
      '1           b?[2J',
    ]);
  });

  it('cuts what may be cut to a terminal, never what may not', () => {
    expect(tableLines(columns, rows, 30, paint)[1]).toBe('0123456789  a-rather…  because');
    expect(tableLines(columns, rows, 18, paint)[1]).toBe('0123456789  a-rat…');
    expect(tableLines(columns, rows, 5, paint)[1]).toBe('0123456789  a-r…');
  });

  it('counts wide characters as two columns', () => {
    const [, line] = tableLines([{ title: 'A' }, { title: 'B' }], [[{ text: '会議' }, { text: 'x' }]], null, paint);
    expect(line).toBe('会議  x');
    expect(tableLines([{ title: 'A', least: 3 }], [[{ text: '会議' }]], 3, paint)[1]).toBe('会…');
  });
});

it.each([
  [0, 'now'],
  [-12, '12 s ago'],
  [-200, '3 min ago'],
  [-7300, '2 h ago'],
  [-400_000, '4 d ago'],
  [-40 * 86_400, '2030-02-25'],
  [300, 'in 5 min'],
  [3, '3 s ago'],
])('a moment %i s away is told as %s', (seconds, text) => {
  const now = Date.parse('2030-04-06T12:00:00Z');
  expect(relativeTime(new Date(now + seconds * 1000).toISOString(), now)).toBe(text);
});
