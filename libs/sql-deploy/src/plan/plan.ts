import type { Bundle, BundleFile, Folder, Mode } from '../bundle/bundle.ts';
import { filesOfMode, indexRows, ledgerKey } from './files.ts';
import { adoptedRows, type IntentRow, type LedgerRow, type LedgerState } from './ledger-state.ts';
import { findStop, type Stop } from './stops.ts';

/** One file to run, with what an earlier, interrupted run left of it. */
export interface PlanStep {
  readonly file: BundleFile;
  readonly intent: IntentRow | null;
}

/** What one target needs for one bundle in one mode. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Files of the mode's folder that the ledger has already. */
  readonly skipped: readonly BundleFile[];
  /** Rows of `tbl_deployments` to take over into the ledger first. */
  readonly adopt: readonly LedgerRow[];
  /** Deployment files to enter as baseline once the last step is in; empty but for a create. */
  readonly baseline: readonly BundleFile[];
  /** A create that has all its files and only needs to be called complete. */
  readonly completesCreate: boolean;
}

export interface PlanOptions {
  /** Let a create run on a database that is not new. */
  readonly force: boolean;
  /** Enter the deployment files once a create is complete. */
  readonly baseline: boolean;
}

/**
 * Decides what to run, from the bundle and the ledger alone (DESIGN: read first, decide purely, act last).
 * @returns the plan, or why there must be none
 */
export function plan(bundle: Bundle, mode: Mode, state: LedgerState, options: PlanOptions): Plan | Stop {
  const adopt = adoptedRows(state.unadopted, (folder, name) => digestOf(bundle, folder, name));
  const ledger = indexRows([...state.rows, ...adopt]);
  const stop = findStop({ bundle, mode, state, ledger, force: options.force });
  if (stop !== null) return stop;

  const files = filesOfMode(bundle, mode);
  // A complete create is history: its files may change, and new ones come to this target through deployment/.
  const isHistory = mode === 'create' && state.create === 'complete';
  const pending = isHistory ? [] : files.filter((file) => !ledger.has(ledgerKey(file.folder, file.name)));
  const completesCreate = mode === 'create' && state.create !== 'complete';
  const baseline = completesCreate && options.baseline ? filesOfMode(bundle, 'deployment') : [];
  return {
    steps: pending.map((file) => ({ file, intent: intentOf(state, file) })),
    skipped: isHistory ? files : files.filter((file) => ledger.has(ledgerKey(file.folder, file.name))),
    adopt,
    baseline: baseline.filter((file) => !ledger.has(ledgerKey(file.folder, file.name))),
    completesCreate,
  };
}

/** Tells a plan from the reason there is none. */
export function isStop(outcome: Plan | Stop): outcome is Stop {
  return 'stop' in outcome;
}

function digestOf(bundle: Bundle, folder: Folder, name: string): string | null {
  return bundle.files.find((file) => file.folder === folder && file.name === name)?.sha256 ?? null;
}

function intentOf(state: LedgerState, file: BundleFile): IntentRow | null {
  return state.intents.find((row) => row.folder === file.folder && row.fileName === file.name) ?? null;
}
