import type { Folder } from '../bundle/bundle.ts';

/** How a file came to be in the ledger. */
export type Origin = 'run' | 'baseline' | 'adopted' | 'resolved';

/** One applied file, as the ledger has it. */
export interface LedgerRow {
  readonly folder: Folder;
  readonly fileName: string;
  /** SHA-256 of its bytes; null for an adopted file that the bundle of that day did not hold. */
  readonly sha256: string | null;
  readonly origin: Origin;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  readonly appliedBy: string;
  readonly durationMs: number | null;
  /** The deployment that entered it; null for what a person or an older script did. */
  readonly deploymentId: string | null;
}

/** A non-transactional file that was begun and is not finished. */
export interface IntentRow {
  readonly folder: Folder;
  readonly fileName: string;
  readonly sha256: string;
  /** How many of its statements are done. */
  readonly statementsDone: number;
  /** SHA-256 over those statements, so that an edited rest can be told from an edited past. */
  readonly doneSha256: string;
  /** 1-based: the statement that was under way when word was last heard; null between statements. */
  readonly statementRunning: number | null;
  readonly startedAt: string;
  /** The deployment that ran it last; null where a person did. */
  readonly deploymentId: string | null;
}

/** What the target says of itself before anything is decided. */
export interface LedgerState {
  /** False on first contact. */
  readonly exists: boolean;
  readonly create: 'not_started' | 'started' | 'complete';
  /** Oldest first. */
  readonly rows: readonly LedgerRow[];
  readonly intents: readonly IntentRow[];
  /** Rows of the older script's `tbl_deployments` that the ledger does not have. */
  readonly unadopted: readonly LegacyRow[];
  /** Names of some of the user's own tables, at most five; empty on a new database. */
  readonly userTables: readonly string[];
}

/** One row of `tbl_deployments`. */
export interface LegacyRow {
  readonly fileName: string;
  readonly manualDeployment: boolean;
  /** ISO 8601, UTC; null where the table has none. */
  readonly dateApplied: string | null;
}

export const EMPTY_STATE: LedgerState = {
  exists: false,
  create: 'not_started',
  rows: [],
  intents: [],
  unadopted: [],
  userTables: [],
};

/** Rows of `tbl_deployments` as the ledger would have them; they take the digest of the bundle's file. */
export function adoptedRows(
  unadopted: readonly LegacyRow[],
  digestOf: (folder: Folder, fileName: string) => string | null,
): LedgerRow[] {
  return unadopted.map((row) => {
    const folder = row.manualDeployment ? 'manual-deployment' : 'deployment';
    return {
      folder,
      fileName: row.fileName,
      sha256: digestOf(folder, row.fileName),
      origin: 'adopted',
      appliedAt: row.dateApplied ?? '',
      appliedBy: 'tbl_deployments',
      durationMs: null,
      deploymentId: null,
    };
  });
}
