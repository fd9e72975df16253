import { isUtf8 } from 'node:buffer';
import type { BundleFile } from '../../bundle/bundle.ts';
import { baseNameOf, hasContent } from '../../bundle/file-kind.ts';
import { positionAtByte } from '../../sql/source-position.ts';
import { firstInvalidUtf8 } from '../first-invalid-utf8.ts';
import type { Problem } from '../problem.ts';
import type { Rule } from '../rule.ts';

/**
 * Rule encoding: scripts and `order.json` are UTF-8 and hold no NUL. A byte order mark and CRLF are fine.
 * A good file is not decoded for this: both checks run over its bytes.
 */
export const encoding: Rule = (bundle) =>
  bundle.files.filter((file) => hasContent(baseNameOf(file.name))).flatMap(check);

/** Whether a file's bytes are fit to be decoded. */
export function isCleanText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && bytes.indexOf(0) === -1;
}

function check(file: BundleFile): Problem[] {
  if (isCleanText(file.bytes)) return [];
  const wide = utf16Name(file.bytes);
  if (wide !== null) {
    return [problem(file, 0, `The file is ${wide}, not UTF-8.`, `Save it as UTF-8: ${iconv(wide, file)}.`)];
  }
  const problems: Problem[] = [];
  const invalid = firstInvalidUtf8(file.bytes);
  if (invalid !== null) problems.push(invalidProblem(file, invalid));
  const nul = file.bytes.indexOf(0);
  if (nul !== -1) {
    const message = `Byte ${nul} (from 0) is a NUL, which PostgreSQL takes in no text.`;
    problems.push(
      problem(file, nul, message, 'Take it out; if the file is full of them, it is not a text, or it is UTF-16.'),
    );
  }
  return problems;
}

function invalidProblem(file: BundleFile, offset: number): Problem {
  const { bytes } = file;
  const shown = [...bytes.subarray(offset, offset + 4)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  const message = `The file is not valid UTF-8 at byte ${offset} (from 0), where it has ${shown.join(' ')}.`;
  return problem(file, offset, message, invalidHint(file, offset));
}

function invalidHint(file: BundleFile, offset: number): string {
  const { bytes } = file;
  const byte = bytes[offset] ?? 0;
  if (offset + 4 > bytes.length && byte >= 0xc2 && byte <= 0xf4 && isCutShort(bytes.subarray(offset))) {
    return 'The file ends in the middle of a character: it looks cut off, so take it from its source again.';
  }
  const next = bytes[offset + 1] ?? 0;
  if (byte === 0xed && next >= 0xa0) return 'This is half of a surrogate pair: write the whole character, or U+FFFD.';
  if (byte === 0xc0 || byte === 0xc1) return 'This is an overlong form that UTF-8 forbids: write the character anew.';
  const letter = new TextDecoder('windows-1252').decode(bytes.subarray(offset, offset + 1));
  if (/[\p{L}\p{P}\p{S}]/u.test(letter)) {
    return `The file looks like Latin-1 or Windows-1252, where this is “${letter}”. Save it as UTF-8: ${iconv('WINDOWS-1252', file)}.`;
  }
  return 'Save the file as UTF-8.';
}

/** Whether bytes are the beginning of a character whose end is missing. */
function isCutShort(tail: Uint8Array): boolean {
  const length = (tail[0] ?? 0) >= 0xf0 ? 4 : (tail[0] ?? 0) >= 0xe0 ? 3 : 2;
  return tail.length < length && tail.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
}

/** UTF-16 by its byte order mark, or by every second byte at its beginning being NUL. */
function utf16Name(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  const head = bytes.subarray(0, 16);
  if (head.length < 8 || head.length % 2 !== 0) return null;
  if (head.every((byte, index) => (byte === 0) === (index % 2 === 1))) return 'UTF-16LE';
  if (head.every((byte, index) => (byte === 0) === (index % 2 === 0))) return 'UTF-16BE';
  return null;
}

function iconv(from: string, file: BundleFile): string {
  const quoted = `'${file.path.replaceAll("'", "'\\''")}'`;
  return `iconv -f ${from} -t UTF-8 ${quoted} > utf8.tmp && mv utf8.tmp ${quoted}`;
}

function problem(file: BundleFile, offset: number, message: string, hint: string): Problem {
  const { line, column, sourceLine } = positionAtByte(file.bytes, offset);
  // A picture of the NUL keeps the columns right, and terminals from swallowing it.
  const visible = sourceLine.replaceAll('\0', '␀');
  return { rule: 'encoding', path: file.path, line, column, message, hint, sourceLine: visible };
}
