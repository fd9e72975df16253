import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatOrdinal, formatOrdinalName, MAX_ORDINAL, nextFreeOrdinal, parseOrdinalName } from './ordinal.ts';

const ordinals = fc.integer({ min: 0, max: MAX_ORDINAL });

test('what is formatted is parsed back', () => {
  const rests = fc.string({ unit: 'grapheme', minLength: 1 }).filter((rest) => rest.trim() === rest && rest !== '');
  fc.assert(
    fc.property(ordinals, rests, (ordinal, rest) => {
      expect(parseOrdinalName(formatOrdinalName({ ordinal, rest }))).toEqual({ ordinal, rest });
    }),
  );
});

test('what is parsed is formatted back, and is never parsed with anything around it', () => {
  const texts = fc
    .tuple(
      fc.stringMatching(/^[0-9]{4,6}$/),
      fc.constantFrom('-', '_', '--'),
      fc.string({ unit: fc.constantFrom(...'09-_. aB\n'), maxLength: 6 }),
    )
    .map((parts) => `${parts.join('')}.sql`);
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseOrdinalName(text);
      expect(parsed === null ? text : formatOrdinalName(parsed)).toBe(text);
      expect([`${text} `, ` ${text}`, `${text}\n`, `x${text}`, `${text}x`].map(parseOrdinalName)).toEqual(
        Array(5).fill(null),
      );
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '0000-a.sql',
  '000000-a.sql',
  '00000_a.sql',
  '00000-.sql',
  '00000-a.SQL',
  '00000-a.sql ',
  ' 00000-a.sql',
  '00000- a.sql',
  '00000-a .sql',
  '00000.sql',
  '٠٠٠٠٠-a.sql',
  'a.sql',
  '',
])('%j is not of the form', (name) => {
  expect(parseOrdinalName(name)).toBeNull();
});

test('the next free ordinal lies above the highest', () => {
  expect(nextFreeOrdinal([])).toBe(0);
  expect(nextFreeOrdinal([0, 5, 2])).toBe(6);
  expect(nextFreeOrdinal([MAX_ORDINAL])).toBeNull();
  expect(formatOrdinal(12)).toBe('00012');
});
