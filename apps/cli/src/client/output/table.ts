import { columnsOfText, fitColumns } from '../../output/fit.ts';
import type { Paint } from '../../output/paint.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** May be cut to so many columns of the terminal; without it, it is never cut (an id that is to be copied). */
  readonly least?: number;
  /** Left out where the terminal is too narrow for all, the lowest first; without it, it always stays. */
  readonly rank?: number;
}

/** A cell: a text as it came, and how it is painted once it is made harmless and cut. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const GAP = '  ';

/**
 * Lays out a table.
 * @param width columns of the terminal; null: as wide as it is
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | null,
  paint: Paint,
): string[] {
  const texts = rows.map((row) => columns.map((_, i) => paint.line(row[i]?.text ?? '')));
  const natural = columns.map((column, i) =>
    Math.max(columnsOfText(column.title), ...texts.map((row) => columnsOfText(row[i] ?? ''))),
  );
  const widths = width === null ? natural : fitWidths(columns, natural, width);
  const shown = columns.map((_, i) => i).filter((i) => widths[i] !== 0);
  const line = (cells: readonly string[], dress: (text: string, i: number) => string): string =>
    shown
      .map((i, place) => {
        const room = widths[i] ?? 0;
        const cut = cutTo(cells[i] ?? '', room);
        const padding = place === shown.length - 1 ? '' : ' '.repeat(Math.max(0, room - columnsOfText(cut)));
        return `${dress(cut, i)}${padding}`;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      (text) => paint.dim(text),
    ),
    ...texts.map((row, r) => line(row, (text, i) => rows[r]?.[i]?.paint?.(text) ?? text)),
  ];
}

/** Shrinks what may be cut, the widest first; then leaves columns out. 0 stands for left out. */
function fitWidths(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = (): number => {
    const shown = widths.filter((w) => w > 0);
    return shown.reduce((sum, w) => sum + w, 0) + GAP.length * Math.max(0, shown.length - 1);
  };
  const leastOf = (i: number): number => Math.min(columns[i]?.least ?? natural[i] ?? 0, natural[i] ?? 0);
  const leftOut = columns.map((column, i) => ({ i, rank: column.rank ?? Number.POSITIVE_INFINITY }));
  leftOut.sort((a, b) => a.rank - b.rank);
  const minimum = (): number => {
    const shown = widths.map((w, i) => (w === 0 ? 0 : leastOf(i))).filter((w) => w > 0);
    return shown.reduce((sum, w) => sum + w, 0) + GAP.length * Math.max(0, shown.length - 1);
  };
  for (const { i, rank } of leftOut) {
    if (minimum() <= width || rank === Number.POSITIVE_INFINITY) break;
    widths[i] = 0;
  }
  for (let excess = total() - width; excess > 0; excess = total() - width) {
    let widest = -1;
    for (let i = 0; i < widths.length; i++) {
      const room = (widths[i] ?? 0) - leastOf(i);
      if ((widths[i] ?? 0) > 0 && room > 0 && (widest === -1 || (widths[i] ?? 0) > (widths[widest] ?? 0))) widest = i;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

function cutTo(text: string, columns: number): string {
  return columnsOfText(text) <= columns ? text : `${fitColumns(text, columns - 1)}…`;
}
