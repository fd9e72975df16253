import type { Failure } from './deployment.ts';

const LINES_AROUND = 6;
const LONGEST_LINE = 400;

/** A piece of a file around a place, as CodeBlock takes it. */
export interface Excerpt {
  readonly text: string;
  readonly firstLine: number;
  readonly mark: { readonly line: number; readonly column: number | null };
}

/**
 * What is shown of a file for a failure in it: the lines around, or the one line that the failure itself has.
 * Lines are cut where that loses nothing of the place; columns count characters (code points).
 * @param text of the file; null where it can't be had
 * @returns null when the failure names no place
 */
export function excerptOf(text: string | null, failure: Failure): Excerpt | null {
  const { line, column, sourceLine } = failure;
  if (line === null) return null;
  // A byte order mark is counted by nobody.
  const lines = text?.replace(/^\ufeff/, '').split(/\r?\n/) ?? [];
  const at = lines[line - 1];
  // Of a truncated file the last line may be half a line.
  const isThere = at !== undefined && (column === null || [...at].length >= column - 1);
  if (!isThere) return sourceLine === null ? null : lineAlone(sourceLine, line, column);
  const first = Math.max(1, line - LINES_AROUND);
  const shown = lines.slice(first - 1, line + LINES_AROUND).map((one, index) => {
    const isMarked = first + index === line;
    return cut(one, isMarked ? Math.max(LONGEST_LINE, (column ?? 0) + 100) : LONGEST_LINE);
  });
  return { text: shown.join('\n'), firstLine: first, mark: { line, column } };
}

function lineAlone(sourceLine: string, line: number, column: number | null): Excerpt {
  // A place too far out is not in what was kept of its line.
  const isInIt = column !== null && column <= [...sourceLine].length + 1;
  return { text: sourceLine, firstLine: line, mark: { line, column: isInIt ? column : null } };
}

function cut(line: string, most: number): string {
  if (line.length <= most) return line;
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most).join('')}…`;
}
