/** What a cell may hold. */
export type Cell = string | number | boolean | null;

/**
 * What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), the wide forms of these too. What stands in
 * a cell may come from anybody: a file's name, a server's message.
 */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** One line of CSV (RFC 4180), its line break included. A text that a spreadsheet would calculate gets a `'` before it. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
