import { expect, test } from 'vitest';
import { csvLine } from './csv.ts';

test('commas, quotation marks and line breaks stay within their cell', () => {
  expect(csvLine(['a', 'b,c', 'say "x"', 'two\nlines', '', null, true, -5])).toBe(
    'a,"b,c","say ""x""","two\nlines",,,true,-5\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '=HYPERLINK("http://x","y")'])(
  'nothing is calculated: %j',
  (text) => {
    const [first = '', second] = csvLine([text]);
    expect(first === '"' ? second : first).toBe("'");
  },
);
