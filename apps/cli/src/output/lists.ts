import type { Paint } from './paint.ts';

const LABEL_COLUMNS = 15;

/** Labelled paths below each other, the first beside the label; beyond `max` only how many more. */
export function pathList(label: string, paths: readonly string[], max: number, paint: Paint): string[] {
  if (paths.length === 0) return [];
  const shown = paths.slice(0, max).map((path) => paint.line(path));
  const more = paths.length - shown.length;
  const rows = more === 0 ? shown : [...shown, `and ${more} more`];
  return rows.map((row, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_COLUMNS)}${row}`);
}

/** A labelled text, in line with the lists. */
export function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_COLUMNS)}${text}`;
}
