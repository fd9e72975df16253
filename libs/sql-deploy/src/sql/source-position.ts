import { decodeUtf8 } from './chunk-text.ts';

/** A place in a file as editors count: both from 1, columns in characters (code points). */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  /**
   * The whole line, without its line break. A long one is cut: after 500 characters, or 100 past the place; one with
   * the place beyond 8 KB to what its first 500 characters are, so that the column has no counterpart in it.
   */
  readonly sourceLine: string;
}

const LINE_FEED = 0x0a;
const MAX_LINE_CHARACTERS = 500;
/** Shown after the place where that is far out. */
const AFTER_PLACE = 100;
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
  // A line of megabytes (a seed file's INSERT) is of no use to a reader.
  if (at - start > MAX_LINE_BYTES) return firstCharacters(bytes.subarray(start, end), MAX_LINE_CHARACTERS);
  const column = countCodePoints(decodeUtf8(bytes.subarray(start, at))) + 1;
  const line = firstCharacters(bytes.subarray(start, end), Math.max(MAX_LINE_CHARACTERS, column + AFTER_PLACE));
  return line.replace(/\r$/, '');
}

function firstCharacters(bytes: Uint8Array, count: number): string {
  // At most four bytes each; what is cut within a character at the end lies beyond the count, or is the line's own end.
  const text = decodeUtf8(bytes.subarray(0, count * 4));
  return text.slice(0, utf16Index(text, count));
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
