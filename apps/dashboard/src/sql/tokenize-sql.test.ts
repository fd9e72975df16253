import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqlLines, tokenizeSql } from './tokenize-sql.ts';

const kinds = (text: string): string[] =>
  tokenizeSql(text)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text: piece }) => `${kind} ${piece}`);

test('words are key words or types whatever their case, and names where they are quoted', () => {
  expect(kinds('Create TABLE tbl_select ("table" integer);')).toEqual([
    'keyword Create',
    'keyword TABLE',
    'quoted "table"',
    'type integer',
  ]);
});

test('strings end where the server says that they end', () => {
  expect(kinds(`SELECT 'it''s -- no comment', E'a\\'b', U&'x'`)).toEqual([
    'keyword SELECT',
    `string 'it''s -- no comment'`,
    `string E'a\\'b'`,
    `string U&'x'`,
  ]);
});

test('block comments nest', () => {
  expect(kinds('/* a /* b */ c */ 1')).toEqual(['comment /* a /* b */ c */', 'number 1']);
});

test('the body of a function is shown as what it is, between its delimiters', () => {
  expect(kinds('AS $body$ BEGIN NULL; END $body$')).toEqual([
    'keyword AS',
    'dollar $body$',
    'keyword BEGIN',
    'keyword NULL',
    'keyword END',
    'dollar $body$',
  ]);
});

test('what is not closed runs to the end', () => {
  expect(kinds(`'abc\n-- x`)).toEqual([`string 'abc\n-- x`]);
  expect(kinds('/* x')).toEqual(['comment /* x']);
});

test('no character is lost, whatever the text is', () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    '/*',
    '*/',
    '--',
    '\n',
    '\\',
    'E',
    'x',
    '1',
    '.',
    ' ',
    '😀',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      expect(
        tokenizeSql(text)
          .map(({ text: part }) => part)
          .join(''),
      ).toBe(text);
      expect(sqlLines(text).map((line) => line.map(({ text: part }) => part).join(''))).toEqual(text.split('\n'));
    }),
  );
});

test('a large file takes no time to speak of', () => {
  const text = "INSERT INTO tbl_note (id, text) VALUES (1, 'a'), (2, $$b$$);\n".repeat(4000);
  const start = performance.now();
  tokenizeSql(text);
  expect(performance.now() - start).toBeLessThan(5000);
});
