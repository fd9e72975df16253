import type { LedgerFile } from '@postgres-manager/control-plane';

/** What tells a target's ledger from a bundle: paths, in order. */
export interface Comparison {
  pending: string[];
  changed: string[];
  missing: string[];
}

/** Compares a bundle's files with a ledger. Files of create/ count only while no create is complete: later they may change freely. */
export function compareLedger(
  files: readonly { path: string; sha256: string }[],
  ledger: readonly LedgerFile[],
  createComplete: boolean,
): Comparison {
  const applied = new Map(ledger.map((file) => [file.path, file]));
  const present = new Set(files.map((file) => file.path));
  const sql = files.filter((file) => file.path.endsWith('.sql'));
  const counts = (path: string): boolean => !path.startsWith('create/') || !createComplete;
  return {
    pending: sql.filter((file) => !applied.has(file.path) && counts(file.path)).map((file) => file.path),
    changed: sql
      .filter((file) => counts(file.path) && (applied.get(file.path)?.sha256 ?? file.sha256) !== file.sha256)
      .map((file) => file.path),
    missing: ledger
      .filter((file) => file.path.startsWith('deployment/') && !present.has(file.path))
      .map((file) => file.path)
      .sort((a, b) => (a < b ? -1 : 1)),
  };
}
