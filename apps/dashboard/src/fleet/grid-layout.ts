import type { FleetTarget } from './fleet.ts';
import type { TargetGroup } from './group-targets.ts';

/** A line of the grid: the title of a group, or cells. */
export type GridRow =
  | { readonly kind: 'header'; readonly group: TargetGroup }
  | {
      readonly kind: 'cells';
      /** The number of its first cell, counted over all groups. */
      readonly first: number;
      readonly targets: readonly FleetTarget[];
      readonly odd: ReadonlySet<string>;
    };

/** Puts groups into lines of so many cells. */
export function layOut(groups: readonly TargetGroup[], columns: number, hasHeaders: boolean): GridRow[] {
  const rows: GridRow[] = [];
  let first = 0;
  for (const group of groups) {
    if (hasHeaders) rows.push({ kind: 'header', group });
    for (let at = 0; at < group.targets.length; at += columns) {
      const targets = group.targets.slice(at, at + columns);
      rows.push({ kind: 'cells', first, targets, odd: group.odd });
      first += targets.length;
    }
  }
  return rows;
}

/**
 * Where a key leads from a cell: the cell's number and its line. Null for a key that moves nowhere.
 */
export function moveInGrid(
  rows: readonly GridRow[],
  active: number,
  key: string,
): { readonly index: number; readonly row: number } | null {
  const lines = rows.flatMap((row, index) =>
    row.kind === 'cells' ? [{ index, first: row.first, count: row.targets.length }] : [],
  );
  const last = lines.at(-1);
  if (last === undefined) return null;
  const at = Math.max(
    0,
    lines.findIndex(({ first, count }) => active < first + count),
  );
  const line = lines[at] ?? last;
  const beside = (step: number): number => {
    const other = lines[at + step];
    return other === undefined ? active : other.first + Math.min(active - line.first, other.count - 1);
  };
  const moves: Readonly<Record<string, () => number>> = {
    ArrowRight: () => active + 1,
    ArrowLeft: () => active - 1,
    ArrowDown: () => beside(1),
    ArrowUp: () => beside(-1),
    Home: () => 0,
    End: () => last.first + last.count - 1,
  };
  const wished = moves[key]?.();
  if (wished === undefined) return null;
  const index = Math.max(0, Math.min(last.first + last.count - 1, wished));
  return { index, row: lines.find(({ first, count }) => index < first + count)?.index ?? 0 };
}
