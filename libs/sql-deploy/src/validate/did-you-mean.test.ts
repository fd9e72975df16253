import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest, editDistance } from './did-you-mean.ts';

test('the nearest candidate, if it is near', () => {
  expect(closest('tbl_nota.sql', ['tbl_room.sql', 'tbl_note.sql'])).toBe('tbl_note.sql');
  expect(closest('TBL_NOTE.SQL', ['tbl_note.sql'])).toBe('tbl_note.sql');
  expect(closest('--dyr-run', ['--dry-run', '--json'])).toBe('--dry-run');
  expect(closest('zebra', ['tbl_note.sql'])).toBeNull();
  expect(closest('x', [])).toBeNull();
  expect(closest('', ['abc'])).toBeNull();
});

test('edit distance is a count of edits', () => {
  expect(editDistance('abcd', 'acbd')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
