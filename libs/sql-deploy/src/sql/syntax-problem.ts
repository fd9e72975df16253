import type { BundleFile } from '../bundle/bundle.ts';
import type { Problem } from '../validate/problem.ts';
import { positionAtByte, utf16Index } from './source-position.ts';
import type { ByteRange } from './split-statements.ts';

/** The problem for a text that does not parse, with a hint where the cause is a common one. */
export function syntaxProblem(
  file: BundleFile,
  range: ByteRange,
  text: string,
  error: { readonly message: string; readonly characterOffset: number | null },
): Problem {
  const offset = byteOffset(file.bytes, range, text, error.characterOffset);
  const position = positionAtByte(file.bytes, offset);
  return {
    rule: 'syntax',
    path: file.path,
    line: position.line,
    column: position.column,
    message: `PostgreSQL cannot parse this: ${error.message}.`,
    hint: hintFor(error.message, text, utf16Index(text, error.characterOffset ?? 0), position.sourceLine),
    sourceLine: position.sourceLine,
  };
}

function byteOffset(bytes: Uint8Array, range: ByteRange, text: string, characters: number | null): number {
  const prefix = text.slice(0, utf16Index(text, characters ?? 0));
  const encoded = Buffer.byteLength(prefix);
  // The decoder drops a byte order mark, which is there in the bytes.
  const dropped = range.end - range.start - Buffer.byteLength(text);
  return range.start + dropped + encoded > bytes.length ? bytes.length : range.start + dropped + encoded;
}

function hintFor(message: string, text: string, index: number, sourceLine: string): string {
  const before = text.slice(Math.max(0, index - 2000), index);
  if (/^\s*\\/.test(sourceLine) || text[index] === '\\') {
    return 'Lines that begin with a backslash are commands of psql, not SQL. Take them out; put what \\i included into this file or a file of its own.';
  }
  if (/\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;[^;]*$/i.test(before)) {
    return COPY_HINT;
  }
  if (/:'?[a-z_]/i.test(text.slice(index, index + 3)) && !text.slice(index - 1, index + 1).includes('::')) {
    return 'Variables such as :name belong to psql. Write the value itself.';
  }
  if (/^[<>=|]{7}/.test(sourceLine)) return 'This is the mark of a merge conflict. Settle the conflict.';
  if (message.startsWith('unterminated')) {
    return 'The string, name or comment that begins at the caret is never closed, so the file ends in the middle of it.';
  }
  if (index >= text.trimEnd().length) {
    return 'The file ends in the middle of a statement: look for a missing parenthesis, quote or END before this place.';
  }
  return 'Correct the SQL at the caret; the cause often stands just before it. The grammar is that of PostgreSQL 18.';
}

const COPY_HINT = 'COPY … FROM stdin needs psql to feed the rows. Write the rows as INSERT … VALUES instead.';

/** COPY … FROM stdin without rows in the file parses, but nobody would feed it. */
export function copyProblems(
  file: BundleFile,
  place: ByteRange,
  [kind, fields]: readonly [string, Readonly<Record<string, unknown>>],
): Problem[] {
  if (kind !== 'CopyStmt' || fields['is_from'] !== true || fields['filename'] !== undefined) return [];
  const { line, column, sourceLine } = positionAtByte(file.bytes, place.start);
  const message = 'COPY … FROM stdin waits for rows that are not in the file.';
  return [{ rule: 'syntax', path: file.path, line, column, message, hint: COPY_HINT, sourceLine }];
}
