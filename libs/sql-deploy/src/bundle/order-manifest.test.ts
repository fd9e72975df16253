import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPosition, readOrderManifest } from './order-manifest.ts';

const namesAndPositions = (text: string) => {
  const reading = readOrderManifest(text);
  return reading.ok ? reading.entries.map(({ name, value }) => [name, value]) : reading.message;
};

test('an object from names to positions', () => {
  expect(namesAndPositions(' {"a.sql": 1,\r\n\t"b\\u0041\\".sql" :20} ')).toEqual([
    ['a.sql', 1],
    ['bA".sql', 20],
  ]);
  expect(namesAndPositions('{}')).toEqual([]);
});

test('equal names are both kept, where JSON.parse keeps the last', () => {
  expect(namesAndPositions('{"a.sql": 1, "\\u0061.sql": 2}')).toEqual([
    ['a.sql', 1],
    ['a.sql', 2],
  ]);
});

test('places are those of the names and values', () => {
  const text = '{"a.sql": 1, "b.sql": 22}';
  const reading = readOrderManifest(text);
  const entries = reading.ok ? reading.entries : [];
  expect(entries.map(({ nameIndex, valueIndex }) => text.slice(nameIndex, valueIndex))).toEqual([
    '"a.sql": ',
    '"b.sql": ',
  ]);
});

test.each([
  ['', 'empty', 0],
  ['[1]', 'begin with a {', 0],
  ['{"a": 1,}', 'comma before the closing }', 8],
  ['{"a": 1 "b": 2}', 'A comma or the closing }', 8],
  ['{"a" 1}', 'A colon', 5],
  ['{"a": }', 'A position', 6],
  ['{"a": 01}', 'A comma or the closing }', 7],
  ["{'a': 1}", 'A name in double quotes', 1],
  ['{"a', 'not ended well', 1],
  ['{"a": 1', 'A comma or the closing }', 7],
  ['{"a": 1}}', 'follows the closing }', 8],
  ['{"a": [1]}', 'a list', 6],
  ['{"a": {"b": 1}}', 'an object', 6],
  ['// x\n{}', 'begin with a {', 0],
])('%j is refused with its place', (text, message, index) => {
  const reading = readOrderManifest(text);
  expect(reading).toMatchObject({ ok: false, index });
  expect(reading.ok ? '' : reading.message).toContain(message);
});

test('it agrees with JSON.parse on every object without nesting', () => {
  const scalars = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), scalars), fc.boolean(), (object, pretty) => {
      const text = JSON.stringify(object, null, pretty ? 2 : 0);
      expect(namesAndPositions(text)).toEqual(Object.entries(JSON.parse(text) as object));
    }),
  );
});

test('it accepts and refuses what JSON.parse does, in texts near to JSON', () => {
  const tokens = fc.constantFrom(
    '{',
    '}',
    '"a"',
    '"b"',
    ':',
    ',',
    '1',
    '-0',
    '1.5e3',
    '01',
    'true',
    ' ',
    '\n',
    '"',
    '\\',
    '\u00a0',
  );
  const near = fc.array(tokens, { maxLength: 9 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        near,
        near.map((text) => `{"a":1${text}`),
        near.map((text) => `{${text}}`),
      ),
      (text) => {
        let accepted = true;
        try {
          const value: unknown = JSON.parse(text);
          accepted = typeof value === 'object' && value !== null;
          if (accepted && Object.values(value as object).some((inner) => typeof inner === 'object' && inner !== null))
            return;
        } catch {
          accepted = false;
        }
        expect(readOrderManifest(text).ok).toBe(accepted);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a text of any size is answered, not choked on', () => {
  expect(readOrderManifest(`{"${'x'.repeat(900_000)}`).ok).toBe(false);
  expect(readOrderManifest(' '.repeat(2_000_000)).ok).toBe(false);
});

test('positions are whole numbers from 1', () => {
  expect([1, 2.0, 1e3].every(isPosition)).toBe(true);
  expect([0, -1, 1.5, 1e300, Number.NaN, '1', null, true].some(isPosition)).toBe(false);
});
