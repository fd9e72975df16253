import type { Bundle, BundleFile, Folder, Mode } from '../bundle/bundle.ts';
import { createOrder } from '../bundle/create-order.ts';
import type { LedgerRow } from './ledger-state.ts';

/** The `.sql` files of a mode's folder in the order they run. */
export function filesOfMode(bundle: Bundle, mode: Mode): BundleFile[] {
  if (mode === 'create') return createOrder(bundle.files.filter((file) => file.folder === 'create'));
  // Ordinals have five digits, so bytewise order is their order.
  return bundle.files.filter((file) => file.folder === mode && file.name.endsWith('.sql'));
}

export type LedgerIndex = ReadonlyMap<string, LedgerRow>;

/** The key of a file in a ledger index. */
export function ledgerKey(folder: Folder, fileName: string): string {
  return `${folder}/${fileName}`;
}

/** Applied files by their key. */
export function indexRows(rows: readonly LedgerRow[]): LedgerIndex {
  return new Map(rows.map((row) => [ledgerKey(row.folder, row.fileName), row]));
}
