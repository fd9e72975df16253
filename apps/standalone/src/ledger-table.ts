import { type ConnectionSettings, readBundle, readStatus } from '@postgres-manager/sql-deploy';

const HEADER = ['folder', 'file', 'origin', 'applied at', 'ms'];

/** What a target's ledger holds, as a table for people, in the order the files were applied. */
export async function ledgerTable(root: string, connection: ConnectionSettings): Promise<string> {
  const status = await readStatus({ connection, bundle: await readBundle(root) });
  if (status.failed !== null) return `The ledger could not be read: ${status.failed.message}`;
  const rows = status.files
    .filter((file) => file.appliedAt !== null)
    .sort((a, b) => String(a.appliedAt).localeCompare(String(b.appliedAt)))
    .map((file) => [
      file.folder,
      file.path.slice(file.folder.length + 1),
      file.origin ?? '',
      file.appliedAt?.replace('T', ' ').replace('Z', ' UTC') ?? '',
      file.durationMs === null ? '' : file.durationMs.toFixed(1),
    ]);
  return formatTable(HEADER, rows);
}

/** Columns as wide as their widest cell; the last one, of numbers, is set to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const last = header.length - 1;
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === last ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
