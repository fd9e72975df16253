import type { Bundle, Folder, Mode } from '../bundle/bundle.ts';
import { EMPTY_STATE, type LedgerRow } from './ledger-state.ts';
import { isStop, plan } from './plan.ts';

/** What is known of a target's ledger, from the last time that somebody was there. */
export interface KnownLedger {
  readonly create: 'not_started' | 'started' | 'complete';
  readonly files: readonly { readonly path: string; readonly sha256: string | null }[];
}

/** What would be run, in order, and why nothing would, if so. */
export interface KnownPlan {
  readonly steps: readonly { readonly path: string; readonly sha256: string }[];
  readonly stop: { readonly code: string; readonly message: string } | null;
}

/**
 * The plan that a run would make if the ledger were still as it is known; pure. Of the bundle's files only `order.json`
 * needs its bytes.
 * @param known null: the target was never seen, and all files of the mode are taken to be lacking
 */
export function planFromKnown(bundle: Bundle, mode: Mode, known: KnownLedger | null): KnownPlan {
  const state =
    known === null ? EMPTY_STATE : { ...EMPTY_STATE, exists: true, create: known.create, rows: known.files.map(toRow) };
  const decided = plan(bundle, mode, state, { force: false, baseline: true });
  if (isStop(decided)) return { steps: [], stop: { code: decided.code, message: decided.message } };
  return { steps: decided.steps.map(({ file }) => ({ path: file.path, sha256: file.sha256 })), stop: null };
}

function toRow({ path, sha256 }: KnownLedger['files'][number]): LedgerRow {
  const end = path.indexOf('/');
  return {
    folder: path.slice(0, end) as Folder,
    fileName: path.slice(end + 1),
    sha256,
    origin: 'run',
    appliedAt: '',
    appliedBy: '',
    durationMs: null,
    deploymentId: null,
  };
}
