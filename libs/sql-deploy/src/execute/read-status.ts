import type { Bundle, Folder } from '../bundle/bundle.ts';
import { filesOfMode, ledgerKey } from '../plan/files.ts';
import { adoptedRows, type LedgerRow } from '../plan/ledger-state.ts';
import type { OpenTarget } from './open-target.ts';
import type { TargetOptions } from './options.ts';
import type { Failure } from './report.ts';
import { asStopped } from './failure.ts';
import { onTarget } from './settle-target.ts';

export type FileState = 'applied' | 'pending' | 'changed' | 'missing' | 'out_of_order' | 'unfinished';

/** Where a target stands, compared with a bundle. */
export interface TargetStatus {
  readonly database: string;
  readonly serverVersion: string;
  /** 150018 for 15.18; null when the target could not be asked. */
  readonly serverVersionNumber: number | null;
  /** Of the server's whole cluster (pg_control_system); null where the role may not ask. */
  readonly systemIdentifier: string | null;
  /** False while the target has no ledger (rows of a `tbl_deployments` are counted all the same). */
  readonly hasLedger: boolean;
  readonly create: 'not_started' | 'started' | 'complete';
  readonly files: readonly {
    readonly path: string;
    readonly folder: Folder;
    readonly state: FileState;
    /** run, baseline, adopted or resolved; null for what is not applied. */
    readonly origin: string | null;
    /** ISO 8601, UTC. */
    readonly appliedAt: string | null;
    readonly appliedBy: string | null;
    readonly durationMs: number | null;
    /** Of the bytes that were applied; null for what is not applied, and where the ledger does not know. */
    readonly sha256: string | null;
  }[];
  readonly failed: Failure | null;
}

export interface StatusOptions extends TargetOptions {
  readonly bundle: Bundle;
}

/** Compares a target's ledger with a bundle. Reads only, takes no lock, needs no right to write. */
export async function readStatus(options: StatusOptions): Promise<TargetStatus> {
  try {
    return await onTarget(options, true, async ({ facts, contents }) => ({
      database: facts.database,
      serverVersion: facts.serverVersion,
      serverVersionNumber: facts.versionNumber,
      systemIdentifier: facts.systemIdentifier,
      hasLedger: contents.state.exists,
      create: contents.state.create,
      files: fileStates(options.bundle, contents),
      failed: null,
    }));
  } catch (error) {
    const { failure } = asStopped(error);
    return {
      database: options.connection.database,
      serverVersion: '',
      serverVersionNumber: null,
      systemIdentifier: null,
      hasLedger: false,
      create: 'not_started',
      files: [],
      failed: failure,
    };
  }
}

function fileStates(bundle: Bundle, { state }: OpenTarget['contents']): TargetStatus['files'] {
  const byKey = new Map(bundle.files.map((file) => [file.path, file]));
  const adopted = adoptedRows(state.unadopted, (folder, name) => byKey.get(ledgerKey(folder, name))?.sha256 ?? null);
  const rows = new Map([...state.rows, ...adopted].map((row) => [ledgerKey(row.folder, row.fileName), row]));
  const unfinished = new Set(state.intents.map((row) => ledgerKey(row.folder, row.fileName)));
  const isHistory = state.create === 'complete';
  const files = (['create', 'deployment', 'manual-deployment'] as const).flatMap((mode) => filesOfMode(bundle, mode));
  const highest = filesOfMode(bundle, 'deployment').findLastIndex((file) => rows.has(file.path));
  const ordered = filesOfMode(bundle, 'deployment').map((file) => file.path);
  const present = files.map((file) => {
    const row = rows.get(file.path);
    return describe(file.path, file.folder, row, () => {
      if (unfinished.has(file.path)) return 'unfinished';
      if (row === undefined)
        return ordered.indexOf(file.path) < highest && file.folder === 'deployment' ? 'out_of_order' : 'pending';
      const changed = row.sha256 !== null && row.sha256 !== file.sha256;
      return changed && !(file.folder === 'create' && isHistory) ? 'changed' : 'applied';
    });
  });
  const known = new Set(files.map((file) => file.path));
  const gone = [...rows].filter(([path]) => !known.has(path));
  // Files of a complete create are history, and manual files may be taken away after use.
  const missing = gone.map(([path, row]) =>
    describe(path, row.folder, row, () => (row.folder === 'deployment' ? 'missing' : 'applied')),
  );
  const lost = [...unfinished].filter((path) => !known.has(path));
  return [
    ...present.filter((file) => !(file.folder === 'create' && isHistory && file.state === 'pending')),
    ...missing,
    ...lost.map((path) => describe(path, path.split('/', 1)[0] as Folder, undefined, () => 'unfinished')),
  ];
}

function describe(
  path: string,
  folder: Folder,
  row: LedgerRow | undefined,
  state: () => FileState,
): TargetStatus['files'][number] {
  return {
    path,
    folder,
    state: state(),
    origin: row?.origin ?? null,
    appliedAt: row?.appliedAt || null,
    appliedBy: row?.appliedBy ?? null,
    durationMs: row?.durationMs ?? null,
    sha256: row?.sha256 ?? null,
  };
}
