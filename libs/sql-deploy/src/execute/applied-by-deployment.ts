import { ledgerKey } from '../plan/files.ts';
import type { LedgerState } from '../plan/ledger-state.ts';
import type { AppliedFile } from './report.ts';

/** The files that runs of a deployment applied, oldest first. What was entered without being run does not count. */
export function appliedByDeployment(deploymentId: string | null, state: LedgerState): AppliedFile[] {
  if (deploymentId === null) return [];
  return state.rows
    .filter((row) => row.deploymentId === deploymentId && row.origin === 'run')
    .map(({ folder, fileName, appliedAt, durationMs }) => ({
      path: ledgerKey(folder, fileName),
      appliedAt,
      durationMs,
    }));
}
