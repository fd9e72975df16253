/**
 * Finds where statements end without a parser: a byte scan that knows the lexical structure of
 * PostgreSQL (manual section 4.1). It serves to cut files too large to be parsed in one piece;
 * each piece is then parsed for real, so that a wrong cut shows as a syntax error and never as a wrong run.
 * A property test holds it against the parser.
 */

const code = (character: string): number => character.charCodeAt(0);

const SEMICOLON = code(';');
const QUOTE = code("'");
const DOUBLE_QUOTE = code('"');
const BACKSLASH = code('\\');
const DOLLAR = code('$');
const DASH = code('-');
const SLASH = code('/');
const STAR = code('*');
const LINE_FEED = code('\n');
const CARRIAGE_RETURN = code('\r');
const OPEN = code('(');
const CLOSE = code(')');
const DOT = code('.');

/**
 * Yields the offset one past each semicolon that ends a statement.
 * What follows the last one (a statement without a semicolon, comments, nothing) is not reported.
 * @param bytes UTF-8, valid
 */
export function* statementEnds(bytes: Uint8Array): Generator<number> {
  let depth = 0;
  let body = newBody();
  // A string goes on in the next line's quotes, with the escapes of its first part.
  let escapesGoOn = false;
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i] as number;
    if (isSpace(byte)) {
      i++;
      continue;
    }
    if (byte === DASH && bytes[i + 1] === DASH) {
      i = skipLine(bytes, i);
      continue;
    }
    if (byte === QUOTE) {
      escapesGoOn = escapesGoOn || isEscapeString(bytes, i);
      i = skipString(bytes, i, escapesGoOn);
      body.previous = '';
      continue;
    }
    escapesGoOn = false;
    if (byte === SEMICOLON) {
      i++;
      // Inside parentheses (CREATE RULE … DO (…; …)) and BEGIN ATOMIC bodies it separates, not ends.
      if (depth === 0 && body.nesting === 0) {
        body = newBody();
        yield i;
      } else if (depth === 0) body.previous = ';';
    } else if (byte === DOUBLE_QUOTE) {
      i = skipString(bytes, i, false, DOUBLE_QUOTE);
      body.previous = '';
    } else if (byte === SLASH && bytes[i + 1] === STAR) {
      i = skipComment(bytes, i);
    } else if (byte === DOLLAR) {
      i = skipDollar(bytes, i);
      body.previous = '';
    } else if (isWordStart(byte)) {
      const end = skipWord(bytes, i);
      if (depth === 0) followBody(body, bytes, i, end);
      i = end;
    } else {
      if (byte === OPEN) depth++;
      else if (byte === CLOSE && depth > 0) depth--;
      if (depth === 0) body.previous = byte === DOT ? '.' : '';
      i++;
    }
  }
}

/** Follows CREATE FUNCTION … BEGIN ATOMIC … END, whose statements belong to the function. */
interface Body {
  /** The first words of the statement, at most four. */
  words: string[];
  /** 1 within the body, more within its CASE … END. */
  nesting: number;
  /** The token before, as far as it matters: a word, `;` or `.`. Comments are none. */
  previous: string;
}

function newBody(): Body {
  return { words: [], nesting: 0, previous: '' };
}

const LONGEST_WORD = 'procedure'.length;

function followBody(body: Body, bytes: Uint8Array, start: number, end: number): void {
  if (body.nesting === 0 && body.words.length >= 4 && !isRoutine(body.words)) return;
  const word = end - start > LONGEST_WORD ? '' : String.fromCharCode(...bytes.subarray(start, end)).toLowerCase();
  const { previous } = body;
  body.previous = word;
  if (body.words.length < 4) body.words.push(word);
  if (!isRoutine(body.words)) return;
  if (body.nesting === 0) {
    // BEGIN alone may be a name.
    if (word === 'atomic' && previous === 'begin') body.nesting = 1;
  } else if (previous === 'as' || previous === '.') {
    // Any keyword may be a label or the name of a column: `SELECT 1 AS end`, `t.case`.
    body.previous = '';
  } else if (word === 'case') body.nesting++;
  // The END of the body follows a whole statement, or none at all; elsewhere it is a label: `SELECT 1 end`.
  else if (word === 'end' && (body.nesting > 1 || previous === ';' || previous === 'atomic')) body.nesting--;
}

function isRoutine(words: readonly string[]): boolean {
  if (words[0] !== 'create') return false;
  const kind = words[1] === 'or' && words[2] === 'replace' ? words[3] : words[1];
  return kind === 'function' || kind === 'procedure';
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isWordStart(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte >= 0x80;
}

function isWordPart(byte: number): boolean {
  return isWordStart(byte) || (byte >= 48 && byte <= 57) || byte === DOLLAR;
}

function skipWord(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length && isWordPart(bytes[i] as number)) i++;
  return i;
}

/** An E before the quote, itself not part of a longer word, makes backslashes escape. */
function isEscapeString(bytes: Uint8Array, quote: number): boolean {
  const before = bytes[quote - 1];
  if (before !== code('e') && before !== code('E')) return false;
  const earlier = bytes[quote - 2];
  return earlier === undefined || !isWordPart(earlier);
}

function skipString(bytes: Uint8Array, start: number, escapes: boolean, quote = QUOTE): number {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === BACKSLASH && escapes) i++;
    else if (byte === quote) {
      if (bytes[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return bytes.length;
}

function skipLine(bytes: Uint8Array, start: number): number {
  for (let i = start; i < bytes.length; i++) {
    if (bytes[i] === LINE_FEED || bytes[i] === CARRIAGE_RETURN) return i + 1;
  }
  return bytes.length;
}

function skipComment(bytes: Uint8Array, start: number): number {
  let nesting = 0;
  for (let i = start; i < bytes.length; ) {
    if (bytes[i] === SLASH && bytes[i + 1] === STAR) {
      nesting++;
      i += 2;
    } else if (bytes[i] === STAR && bytes[i + 1] === SLASH) {
      nesting--;
      i += 2;
      if (nesting === 0) return i;
    } else i++;
  }
  return bytes.length;
}

function skipDollar(bytes: Uint8Array, start: number): number {
  const tagEnd = dollarTagEnd(bytes, start);
  if (tagEnd === null) return start + 1;
  const tag = bytes.subarray(start, tagEnd);
  for (let i = bytes.indexOf(DOLLAR, tagEnd); i !== -1; i = bytes.indexOf(DOLLAR, i + 1)) {
    if (startsWith(bytes, i, tag)) return i + tag.length;
  }
  return bytes.length;
}

/** One past the second dollar of `$tag$`, or null when this is no dollar quote (a parameter: `$1`). */
function dollarTagEnd(bytes: Uint8Array, start: number): number | null {
  for (let i = start + 1; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === DOLLAR) return i + 1;
    const allowed = i === start + 1 ? isWordStart(byte) : isWordPart(byte);
    if (!allowed) return null;
  }
  return null;
}

function startsWith(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let i = 0; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

/**
 * The offset of the first byte of a statement that is neither white space nor comment.
 * @returns `end` when there is none
 */
export function skipBlank(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end) {
    const byte = bytes[i] as number;
    if (isSpace(byte) || byte === SEMICOLON) i++;
    else if (byte === DASH && bytes[i + 1] === DASH) i = skipLine(bytes, i);
    else if (byte === SLASH && bytes[i + 1] === STAR) i = skipComment(bytes, i);
    else return i;
  }
  return end;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a file into pieces of whole statements, each of about `size` bytes; a longer statement is a piece of its own.
 * The pieces cover the file without a gap.
 */
export function cutIntoChunks(bytes: Uint8Array, size: number): ByteRange[] {
  if (bytes.length <= size) return [{ start: 0, end: bytes.length }];
  const chunks: ByteRange[] = [];
  let start = 0;
  let lastEnd = 0;
  for (const end of statementEnds(bytes)) {
    if (end - start > size && lastEnd > start) {
      chunks.push({ start, end: lastEnd });
      start = lastEnd;
    }
    lastEnd = end;
  }
  if (lastEnd > start && bytes.length - start > size) {
    chunks.push({ start, end: lastEnd });
    start = lastEnd;
  }
  if (start < bytes.length) chunks.push({ start, end: bytes.length });
  return chunks;
}
