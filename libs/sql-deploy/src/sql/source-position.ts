import { decodeUtf8 } from './chunk-text.ts';

/** A place in a file as editors count: both from 1, columns in characters (code points). */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  /** The whole line, without its line break. Cut to 500 characters around the column. */
  readonly sourceLine: string;
}

const LINE_FEED = 0x0a;
const MAX_LINE_CHARACTERS = 500;
const MAX_LINE_BYTES = 8192;

/**
 * Where a byte offset lies.
 * @param bytes the file, UTF-8
 * @param offset 0-based byte offset; past the end means the end
 */
export function positionAtByte(bytes: Uint8Array, offset: number): SourcePosition {
  // Editors do not count a byte order mark.
  const begin = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const at = Math.min(Math.max(offset, begin), bytes.length);
  let line = 1;
  let lineStart = begin;
  for (let i = bytes.indexOf(LINE_FEED); i !== -1 && i < at; i = bytes.indexOf(LINE_FEED, i + 1)) {
    line++;
    lineStart = i + 1;
  }
  const lineFeed = bytes.indexOf(LINE_FEED, at);
  const lineEnd = lineFeed === -1 ? bytes.length : lineFeed;
  const before = decodeUtf8(bytes.subarray(lineStart, at));
  const column = countCodePoints(before) + 1;
  return { line, column, sourceLine: cutLine(bytes, lineStart, lineEnd, at) };
}

function cutLine(bytes: Uint8Array, start: number, end: number, at: number): string {
  if (end - start <= MAX_LINE_BYTES) {
    const whole = decodeUtf8(bytes.subarray(start, end)).replace(/\r$/, '');
    if (whole.length <= MAX_LINE_CHARACTERS) return whole;
  }
  // A line of kilobytes (a seed file's INSERT) is of no use to a reader: keep what stands at the place.
  return decodeUtf8(bytes.subarray(start, Math.min(end, Math.max(at, start) + MAX_LINE_CHARACTERS))).slice(
    0,
    MAX_LINE_CHARACTERS,
  );
}

/** How many characters (code points, not UTF-16 units) a text has. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // The second half of a surrogate pair belongs to the character before it.
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

/** The UTF-16 index of the `codePoints`-th character (from 0) of a text. */
export function utf16Index(text: string, codePoints: number): number {
  let index = 0;
  for (let seen = 0; seen < codePoints && index < text.length; seen++) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/**
 * The two lines that show a place: the source line, and a caret under the column.
 * Tabs before the column are kept, so that the caret stands right in any terminal.
 */
export function caretLines(sourceLine: string, column: number): [string, string] {
  const before = [...sourceLine].slice(0, column - 1);
  return [sourceLine, `${before.map((c) => (c === '\t' ? '\t' : ' ')).join('')}^`];
}
