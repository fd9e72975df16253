import type { ParsedStatement } from './parser.ts';
import { type ByteRange, skipBlank } from './split-statements.ts';

/** Where a parsed statement of a chunk stands in its file, comments before it left out. */
export function locate(bytes: Uint8Array, range: ByteRange, statement: ParsedStatement): ByteRange {
  const base = range.start + bomLength(bytes, range);
  const end = base + statement.end;
  return { start: skipBlank(bytes, base + statement.start, end), end };
}

/** A chunk as text, without a byte order mark: the server would take that for a letter. */
export function decodeChunk(bytes: Uint8Array, range: ByteRange): string {
  // Only at the very start of a file is U+FEFF a mark; elsewhere it is a character, and counts.
  const start = range.start + bomLength(bytes, range);
  return decodeUtf8(bytes.subarray(start, range.end));
}

/** One for all: making a decoder costs more than decoding a small file. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of UTF-8, U+FEFF at its start included. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** 3 for a chunk that begins with a byte order mark, else 0. */
export function bomLength(bytes: Uint8Array, range: ByteRange): number {
  return range.start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
