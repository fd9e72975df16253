import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstInvalidUtf8 } from './first-invalid-utf8.ts';

test('all before the place is valid, and nothing longer is', () => {
  const byte = fc.oneof(
    fc.constantFrom(
      0x00,
      0x41,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc0,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff,
    ),
    fc.nat({ max: 255 }),
  );
  const bytes = fc.array(
    fc.oneof(
      byte.map((b) => [b]),
      fc.string({ unit: 'binary' }).map((s) => [...Buffer.from(s)]),
    ),
  );
  fc.assert(
    fc.property(bytes, (parts) => {
      const all = Uint8Array.from(parts.flat());
      const at = firstInvalidUtf8(all);
      expect(at === null).toBe(isUtf8(all));
      if (at === null) return;
      expect(isUtf8(all.subarray(0, at))).toBe(true);
      for (let end = at + 1; end <= all.length; end++) expect(isUtf8(all.subarray(at, end))).toBe(false);
    }),
    { numRuns: 3000 },
  );
});
