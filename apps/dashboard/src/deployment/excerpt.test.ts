import { expect, test } from 'vitest';
import type { Failure } from './deployment.ts';
import { excerptOf } from './excerpt.ts';

const failure = (line: number | null, column: number | null, sourceLine: string | null = null): Failure => ({
  file: 'deployment/00000-a.sql',
  line,
  column,
  sourceLine,
  sqlstate: '42P01',
  code: 'statement_failed',
  message: '',
  hint: '',
});
const numbered = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`).join('\n');

test('is the lines around the place', () => {
  const excerpt = excerptOf(numbered, failure(12, 3));
  expect(excerpt).toMatchObject({ firstLine: 6, mark: { line: 12, column: 3 } });
  expect(excerpt?.text.split('\n')).toHaveLength(13);
  expect(excerpt?.text.split('\n')[6]).toBe('line 12');
});

test('begins with the file where the place is near it', () => {
  expect(excerptOf(numbered, failure(2, 1))).toMatchObject({ firstLine: 1, mark: { line: 2 } });
});

test('leaves out a byte order mark and carriage returns', () => {
  expect(excerptOf('\ufeffSELECT 1;\r\nSELECT x;\r\n', failure(2, 8))?.text).toBe('SELECT 1;\nSELECT x;\n');
});

test('cuts long lines, but not before the place', () => {
  const long = `${'a'.repeat(1000)}🙂${'b'.repeat(1000)}`;
  const [one = '', two = ''] = excerptOf(`${long}\n${long}`, failure(2, 1001))?.text.split('\n') ?? [];
  expect(one).toHaveLength(401);
  expect([...two][1000]).toBe('🙂');
  expect(two.length).toBeLessThan(1200);
});

test('is the failure’s own line where the file can’t be had, or ends before the place', () => {
  expect(excerptOf(null, failure(40, 2, 'abc'))).toEqual({
    text: 'abc',
    firstLine: 40,
    mark: { line: 40, column: 2 },
  });
  expect(excerptOf('SELECT', failure(1, 20, 'SELECT 1 FROM nowhere_at_all'))?.mark).toEqual({ line: 1, column: 20 });
  expect(excerptOf(null, failure(1, 9000, 'the first 500 characters'))?.mark.column).toBeNull();
  expect(excerptOf(null, failure(1, 9000))).toBeNull();
  expect(excerptOf(numbered, failure(null, null))).toBeNull();
});
