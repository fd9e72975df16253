import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { longRun } from '../../../../test-support/long-run.ts';
import { decodeChunk, locate } from '../../src/sql/chunk-text.ts';
import { loadParser, type Parse } from '../../src/sql/parser.ts';
import { type ByteRange, cutIntoChunks, statementEnds } from '../../src/sql/split-statements.ts';
import { sqlScraps, sqlText } from './sql-texts.ts';

/**
 * The splitter knows the lexical structure only; the parser is the server's own. For whatever the parser takes as a
 * whole, the pieces must hold the very same statements.
 */

const numRuns = longRun ? 20_000 : 1_500;

let parse: Parse;
beforeAll(async () => {
  parse = await loadParser();
});

interface Found extends ByteRange {
  readonly kind: string | undefined;
}

/** The statements of a piece at their places in the whole; null when it does not parse. */
function statementsIn(bytes: Uint8Array, range: ByteRange): Found[] | null {
  const outcome = parse(decodeChunk(bytes, range), range.end - range.start);
  if (!outcome.ok) return null;
  return outcome.statements.map((statement) => ({
    ...locate(bytes, range, statement),
    kind: Object.keys(statement.node)[0],
  }));
}

/** Throws unless the pieces hold what the whole holds; skips what does not parse. */
function compareStatements(text: string, size: number): void {
  const bytes = Buffer.from(text);
  const whole = statementsIn(bytes, { start: 0, end: bytes.length });
  fc.pre(whole !== null);
  const chunks = cutIntoChunks(bytes, size);

  let end = 0;
  for (const chunk of chunks) {
    expect(chunk.start).toBe(end);
    end = chunk.end;
  }
  expect(end).toBe(bytes.length);
  const pieces = chunks.map((chunk) => statementsIn(bytes, chunk) ?? `does not parse: ${decodeChunk(bytes, chunk)}`);
  expect(pieces.flat()).toEqual(whole);
}

describe('cutting a text into pieces', () => {
  test('gives the statements that the parser finds in the whole, whatever the size of the pieces', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(sqlText, fc.integer({ min: 1, max: 300 }), (text, size) => compareStatements(text, size)),
      { numRuns },
    );
  });

  test('does so for odd scraps of lexical structure too', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(sqlScraps, fc.integer({ min: 1, max: 40 }), (text, size) => compareStatements(text, size)),
      { numRuns, maxSkipsPerRun: 1000 },
    );
  });
});

test('each end of a statement that the parser sees is found, so that no piece grows without need', () => {
  fc.assert(
    fc.property(sqlText, (text) => {
      const bytes = Buffer.from(text);
      const outcome = parse(text, bytes.length);
      fc.pre(outcome.ok);
      const ends = new Set(statementEnds(bytes));
      const missed = outcome.statements.filter(({ end }) => bytes[end] === 0x3b && !ends.has(end + 1));
      expect(missed.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual([]);
    }),
    { numRuns },
  );
});

test('most of the generated texts parse, or the properties would be about nothing', () => {
  const sample = fc.sample(sqlText, 300);
  const parsed = sample.filter((text) => parse(text, Buffer.byteLength(text)).ok);
  expect(parsed.length).toBeGreaterThan(100);
});
