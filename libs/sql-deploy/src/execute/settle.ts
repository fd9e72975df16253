import type { Bundle, BundleFile, Folder } from '../bundle/bundle.ts';
import { formatOrdinal, parseOrdinalName } from '../bundle/ordinal.ts';
import { SqlDeployError } from '../errors.ts';
import { filesOfMode, ledgerKey } from '../plan/files.ts';
import { adoptedRows, type LedgerRow } from '../plan/ledger-state.ts';
import { entrySql, inTransaction, prepareLedger } from '../target/ledger.ts';
import { literal } from '../target/sql-text.ts';
import { plainFailure, RunStopped, refusal } from './failure.ts';
import { openTarget, type OpenTarget } from './open-target.ts';
import type { TargetOptions } from './options.ts';
import type { Failure, Status } from './report.ts';


/** Which files to enter in the ledger as applied, without running them. */
export interface BaselineOptions extends TargetOptions {
  readonly bundle: Bundle;
  /** The highest ordinal of `deployment/` to enter, itself included: 12 for `00012-…`. */
  readonly upToOrdinal: number;
  readonly dryRun?: boolean;
}

export interface BaselineReport {
  readonly status: Status;
  /** Paths entered by this call. */
  readonly baselined: readonly string[];
  /** How many of the files asked for were in the ledger already. */
  readonly skipped: number;
  readonly failed: Failure | null;
  readonly durationMs: number;
}

/** Which interrupted step a person has looked at, and what they found. */
export interface ResolveOptions extends TargetOptions {
  /** The file's path, relative to the root: `deployment/00007-index.sql`. */
  readonly path: string;
  /** `applied`: enter it in the ledger as done. `not_applied`: forget the attempt, so that it runs again from its start. */
  readonly outcome: 'applied' | 'not_applied';
  /** Needed for `applied`, for the file's digest. */
  readonly bundle: Bundle;
}

export interface ResolveReport {
  readonly status: Status;
  readonly path: string;
  readonly outcome: 'applied' | 'not_applied';
  readonly failed: Failure | null;
}

export type FileState = 'applied' | 'pending' | 'changed' | 'missing' | 'out_of_order' | 'unfinished';

/** Where a target stands, compared with a bundle. */
export interface TargetStatus {
  readonly database: string;
  readonly serverVersion: string;
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
  }[];
  readonly failed: Failure | null;
}

export interface StatusOptions extends TargetOptions {
  readonly bundle: Bundle;
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
      if (row === undefined) return ordered.indexOf(file.path) < highest && file.folder === 'deployment' ? 'out_of_order' : 'pending';
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
  };
}

/**
 * Enters deployment files in the ledger as applied, without running them, for an instance that was brought
 * there by other means.
 */
export async function enterBaseline(options: BaselineOptions): Promise<BaselineReport> {
  const started = performance.now();
  const asked = filesOfMode(options.bundle, 'deployment').filter(
    (file) => (parseOrdinalName(file.name)?.ordinal ?? Number.POSITIVE_INFINITY) <= options.upToOrdinal,
  );
  const report = (status: Status, baselined: readonly string[], failed: Failure | null): BaselineReport => ({
    status,
    baselined,
    skipped: failed === null ? asked.length - baselined.length : 0,
    failed,
    durationMs: Math.round(performance.now() - started),
  });
  try {
    const files = filesOfMode(options.bundle, 'deployment');
    if (!files.some((file) => parseOrdinalName(file.name)?.ordinal === options.upToOrdinal)) {
      throw new SqlDeployError(
        'file_unknown',
        `No file in deployment/ has the ordinal ${formatOrdinal(options.upToOrdinal)}. Nothing was changed.`,
        `Give the ordinal of the last file that is there already; the highest is ${files.at(-1)?.path ?? 'none'}.`,
      );
    }
    return await onTarget(options, options.dryRun === true, async (target) => {
      const known = new Set([
        ...target.contents.state.rows.map((row) => ledgerKey(row.folder, row.fileName)),
        ...target.contents.state.unadopted.map((row) =>
          ledgerKey(row.manualDeployment ? 'manual-deployment' : 'deployment', row.fileName),
        ),
      ]);
      const entered = asked.filter((file) => !known.has(file.path));
      if (options.dryRun !== true) await enter(options, target, entered, 'baseline');
      return report(
        entered.length > 0 ? 'succeeded' : 'nothing_to_do',
        entered.map((file) => file.path),
        null,
      );
    });
  } catch (error) {
    const { status, failure } = asStopped(error);
    return report(status, [], failure);
  }
}

async function enter(
  options: TargetOptions & { readonly bundle: Bundle },
  { session, facts, contents }: OpenTarget,
  files: readonly BundleFile[],
  origin: 'baseline' | 'resolved',
): Promise<void> {
  const digests = new Map(options.bundle.files.map((file) => [file.path, file.sha256]));
  await prepareLedger(session, facts, contents, {
    adopt: adoptedRows(contents.state.unadopted, (folder, name) => digests.get(ledgerKey(folder, name)) ?? null),
    startsCreate: false,
    acceptIdentity: options.acceptIdentity === true,
  });
  if (files.length === 0) return;
  const details = { appliedBy: options.appliedBy ?? facts.user, deploymentId: null };
  const forget = files.map(({ folder, name }) => forgetSql(folder, name)).join('\n');
  await inTransaction(
    session,
    `SET LOCAL synchronous_commit TO ${facts.synchronousCommit};
     ${entrySql(files, origin, details, facts.legacyTable)}\n${forget}`,
  );
}

function forgetSql(folder: Folder, name: string): string {
  return `DELETE FROM postgres_manager.intent WHERE folder = ${literal(folder)} AND file_name = ${literal(name)};`;
}

/**
 * Settles a step that was interrupted and that only a person can judge. A file of a create that is not complete
 * can be called applied as well: its work may have been done by hand.
 */
export async function resolveStep(options: ResolveOptions): Promise<ResolveReport> {
  const { path, outcome } = options;
  try {
    return await onTarget(options, false, async (target) => {
      const { state } = target.contents;
      const intent = state.intents.find((row) => ledgerKey(row.folder, row.fileName) === path);
      const file = options.bundle.files.find((candidate) => candidate.path === path);
      const openCreate =
        outcome === 'applied' &&
        file?.folder === 'create' &&
        state.create === 'started' &&
        !state.rows.some((row) => ledgerKey(row.folder, row.fileName) === path);
      if (intent === undefined && !openCreate) throw nothingToResolve(path);
      if (outcome === 'not_applied' && intent !== undefined) {
        await inTransaction(
          target.session,
          `SET LOCAL synchronous_commit TO ${target.facts.synchronousCommit}; ${forgetSql(intent.folder, intent.fileName)}`,
        );
      } else {
        if (file === undefined) throw fileMissing(path);
        await enter(options, target, [file], 'resolved');
      }
      return { status: 'succeeded', path, outcome, failed: null };
    });
  } catch (error) {
    const { status, failure } = asStopped(error);
    return { status, path, outcome, failed: failure };
  }
}

function nothingToResolve(path: string): SqlDeployError {
  return new SqlDeployError(
    'file_unknown',
    `${path} does not wait to be settled on this target. Nothing was changed.`,
    'postgres-manager status lists the files that do, as `unfinished`. Give the path as it stands there.',
  );
}

function fileMissing(path: string): SqlDeployError {
  return new SqlDeployError(
    'file_unknown',
    `${path} is not in the folders, so its digest cannot be entered. Nothing was changed.`,
    'Bring the file back as it was run, or give the right --root.',
  );
}

async function onTarget<T>(
  options: TargetOptions,
  readsOnly: boolean,
  work: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const target = await openTarget(options, 'deployment', readsOnly);
  try {
    return await work(target);
  } finally {
    await target.session.close();
  }
}

function asStopped(error: unknown): RunStopped {
  if (error instanceof RunStopped) return error;
  if (error instanceof SqlDeployError) return refusal(error);
  if (error instanceof Error && 'severity' in error) {
    return new RunStopped('refused', plainFailure('sql_error', `The server refused: ${error.message}. Nothing was changed.`, 'Mend the cause and run again.'));
  }
  throw error;
}
