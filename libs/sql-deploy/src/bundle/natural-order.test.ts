import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytewise, compareNatural } from './natural-order.ts';

/** Names as people and adversaries write them: digits, zeros, hyphens, accents, characters above U+FFFF. */
const names = fc.string({ unit: fc.constantFrom(...'0019-_aBé\uff01😀٣'), maxLength: 8 });

test('2-x comes before 10-x', () => {
  const shuffled = ['10-seed', '2-indexes', '1-tables', '01-a', 'x', '1-tables-b', '100-z', '09-q'];
  expect(shuffled.sort(compareNatural)).toEqual([
    '01-a',
    '1-tables',
    '1-tables-b',
    '2-indexes',
    '09-q',
    '10-seed',
    '100-z',
    'x',
  ]);
});

test('digit runs longer than any number are still exact', () => {
  expect(compareNatural(`${'9'.repeat(40)}1`, `${'9'.repeat(40)}2`)).toBeLessThan(0);
  expect(compareNatural(`1${'0'.repeat(40)}`, '9'.repeat(40))).toBeGreaterThan(0);
});

test('bytewise is the order of the UTF-8 bytes', () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      expect(Math.sign(compareBytewise(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('natural order is a total order: only equal names compare equal', () => {
  fc.assert(
    fc.property(names, names, names, (a, b, c) => {
      expect(Math.sign(compareNatural(a, b))).toBe(0 - Math.sign(compareNatural(b, a)));
      expect(compareNatural(a, b) === 0).toBe(a === b);
      if (compareNatural(a, b) < 0 && compareNatural(b, c) < 0) expect(compareNatural(a, c)).toBeLessThan(0);
    }),
    { numRuns: 2000 },
  );
});

test('numbers order by value, whatever their leading zeros', () => {
  const padded = fc.tuple(fc.nat(), fc.nat({ max: 4 })).map(([n, zeros]) => ({ n, text: '0'.repeat(zeros) + n }));
  fc.assert(
    fc.property(padded, padded, (a, b) => {
      fc.pre(a.n !== b.n);
      expect(Math.sign(compareNatural(`${a.text}-x`, `${b.text}-a`))).toBe(Math.sign(a.n - b.n));
    }),
  );
});
