import { caretLines } from '@postgres-manager/sql-deploy';
import type { Paint } from './paint.ts';

const MAX_CHARACTERS = 110;
const CHARACTERS_BEFORE_CARET = 70;

/** A source line with a caret under a column (1-based, in characters); without a caret when it can't be placed. */
export function excerptLines(sourceLine: string | null, column: number | null, paint: Paint): string[] {
  if (sourceLine === null || sourceLine.trim() === '') return [];
  // Made harmless first: each character stays one character, so the column still fits.
  const characters = [...paint.line(sourceLine)];
  const farOut = column !== null && characters.length > MAX_CHARACTERS && column > CHARACTERS_BEFORE_CARET + 10;
  const start = farOut ? column - 1 - CHARACTERS_BEFORE_CARET : 0;
  const shown = characters.slice(start, start + MAX_CHARACTERS).join('');
  if (column === null || column - 1 > characters.length) return [paint.dim(`    ${shown}`)];
  const before = start > 0 ? '... ' : '    ';
  const [line, caret] = caretLines(shown, column - start);
  return [`${before}${line}`, `    ${paint.red(caret)}`];
}

/** `path:line:column`, as editors and terminals make it clickable. */
export function place(path: string, line: number | null, column: number | null, paint: Paint): string {
  const position = line === null ? '' : column === null ? `:${line}` : `:${line}:${column}`;
  return paint.bold(`${paint.line(path)}${position}`);
}
