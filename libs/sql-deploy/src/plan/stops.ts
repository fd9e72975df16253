import type { Bundle, BundleFile, Mode } from '../bundle/bundle.ts';
import type { ErrorCode } from '../errors.ts';
import { evidenceOf, type StepEvidence } from './evidence.ts';
import { filesOfMode, type LedgerIndex, ledgerKey } from './files.ts';
import type { LedgerState } from './ledger-state.ts';

/** Why no plan can be made. */
export interface Stop {
  readonly stop: 'refused' | 'needs_attention';
  readonly code: ErrorCode;
  /** The first file concerned, or null. */
  readonly path: string | null;
  readonly message: string;
  readonly hint: string;
  /** Of an `unfinished_step`. */
  readonly evidence?: StepEvidence;
}

interface Situation {
  readonly bundle: Bundle;
  readonly mode: Mode;
  readonly state: LedgerState;
  readonly ledger: LedgerIndex;
  readonly force: boolean;
}

/** The first reason against running, or null. The order is from the most to the least fundamental. */
export function findStop(situation: Situation): Stop | null {
  return (
    unfinishedElsewhere(situation) ??
    (situation.mode === 'create' ? notNew(situation) : halfCreated(situation)) ??
    changedFiles(situation) ??
    (situation.mode === 'deployment' ? (missingFiles(situation) ?? outOfOrder(situation)) : null)
  );
}

/** An interrupted file must be judged before anything else runs; one of this plan is judged by the executor. */
function unfinishedElsewhere({ bundle, mode, state }: Situation): Stop | null {
  const planned = new Set(filesOfMode(bundle, mode).map((file) => file.path));
  const other = state.intents.find((row) => !planned.has(ledgerKey(row.folder, row.fileName)));
  if (other === undefined) return null;
  const path = ledgerKey(other.folder, other.fileName);
  return {
    stop: 'needs_attention',
    code: 'unfinished_step',
    path,
    message: `${path} was begun at ${other.startedAt} and never finished (${other.statementsDone} statements are done), and it is not part of this run.`,
    hint: `Run the folder it belongs to, with the file in place; or look at the target and settle it: postgres-manager resolve ${path} --applied, or --not-applied.`,
    evidence: evidenceOf(other, null, null),
  };
}

function notNew({ state, force }: Situation): Stop | null {
  if (force || state.create !== 'not_started' || state.userTables.length === 0) return null;
  const some = state.userTables.join(', ');
  return {
    stop: 'refused',
    code: 'target_not_new',
    path: null,
    message: `This database is not new: it has tables (${some}) and no create was begun on it. Nothing was changed.`,
    hint: 'Check that the DSN names the right database. For a database that already has this schema use `deployment`, after `baseline` where needed; with --force create runs all the same.',
  };
}

/** Running deployment/ on half a create would repeat what create/ holds already. */
function halfCreated({ mode, state }: Situation): Stop | null {
  if (mode !== 'deployment' || state.create !== 'started') return null;
  return {
    stop: 'refused',
    code: 'create_incomplete',
    path: null,
    message: 'A create was begun on this database and is not complete. Nothing was changed.',
    hint: 'Run create again: it carries on with the files that are not applied. A file whose work was done by hand (manual-deployment) is settled with: postgres-manager resolve create/… --applied.',
  };
}

function changedFiles({ bundle, mode, state, ledger }: Situation): Stop | null {
  if (mode === 'create' && state.create === 'complete') return null;
  const changed = filesOfMode(bundle, mode).filter((file) => isChanged(file, ledger));
  const [first] = changed;
  if (first === undefined) return null;
  return {
    stop: 'refused',
    code: mode === 'create' ? 'changed_create_file' : 'changed_file',
    path: first.path,
    message: `${listPaths(changed)} changed after being applied to this database. Nothing was run.`,
    hint:
      mode === 'create'
        ? 'Put the file back as it was applied until the create is complete, then change it.'
        : 'Put the file back as it was applied (a changed line ending counts too), and bring the change as a new file.',
  };
}

function isChanged(file: BundleFile, ledger: LedgerIndex): boolean {
  const row = ledger.get(ledgerKey(file.folder, file.name));
  return row !== undefined && row.sha256 !== null && row.sha256 !== file.sha256;
}

function missingFiles({ bundle, ledger }: Situation): Stop | null {
  const present = new Set(filesOfMode(bundle, 'deployment').map((file) => file.name));
  const missing = [...ledger.values()].filter((row) => row.folder === 'deployment' && !present.has(row.fileName));
  const [first] = missing;
  if (first === undefined) return null;
  const paths = missing.map((row) => ({ path: ledgerKey(row.folder, row.fileName) }));
  return {
    stop: 'refused',
    code: 'missing_file',
    path: ledgerKey(first.folder, first.fileName),
    message: `${listPaths(paths)} ${paths.length === 1 ? 'is' : 'are'} applied to this database but missing from the folder. Nothing was run.`,
    hint: 'The folder is probably older than the database, or a file was renamed. Use the right commit, or bring the file back.',
  };
}

function outOfOrder({ bundle, ledger }: Situation): Stop | null {
  const files = filesOfMode(bundle, 'deployment');
  const highest = files.findLastIndex((file) => ledger.has(ledgerKey(file.folder, file.name)));
  const late = files.slice(0, Math.max(highest, 0)).filter((file) => !ledger.has(ledgerKey(file.folder, file.name)));
  const [first] = late;
  if (first === undefined) return null;
  return {
    stop: 'refused',
    code: 'out_of_order',
    path: first.path,
    message: `${listPaths(late)} ${late.length === 1 ? 'is' : 'are'} not applied, though ${files[highest]?.path} after it is. Nothing was run.`,
    hint: 'Give the file the next free ordinal, or run it through manual-deployment/. If its change is there already, enter it with `baseline --up-to`.',
  };
}

const LISTED = 5;

function listPaths(files: readonly { readonly path: string }[]): string {
  const names = files.slice(0, LISTED).map((file) => file.path);
  const more = files.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
