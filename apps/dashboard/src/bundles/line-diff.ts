import { structuredPatch } from 'diff';

/** A line of a difference; numbers from 1, null where a side has no such line. */
export interface DiffLine {
  readonly change: 'added' | 'removed' | 'same';
  readonly from: number | null;
  readonly to: number | null;
  readonly text: string;
}

/** Lines that belong together; between two such pieces the texts are alike. */
export type DiffHunk = readonly DiffLine[];

const CONTEXT_LINES = 4;
/** Two texts that have next to nothing in common would take the page's time. */
const LONGEST_MS = 1500;

/** What tells two texts apart, line by line, with some lines around it. Null: they are too unlike to be compared. */
export function lineDiff(before: string, after: string): DiffHunk[] | null {
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES, timeout: LONGEST_MS });
  if (patch === undefined) return null;
  return patch.hunks.map(({ oldStart, newStart, lines }) => {
    let [from, to] = [oldStart, newStart];
    // `\ No newline at end of file` is no line of either.
    return lines
      .filter((line) => !line.startsWith('\\'))
      .map((line): DiffLine => {
        const text = line.slice(1).replace(/\r$/, '');
        if (line.startsWith('+')) return { change: 'added', from: null, to: to++, text };
        if (line.startsWith('-')) return { change: 'removed', from: from++, to: null, text };
        return { change: 'same', from: from++, to: to++, text };
      });
  });
}
