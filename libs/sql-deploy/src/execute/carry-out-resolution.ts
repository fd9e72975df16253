import type { BundleFile } from '../bundle/bundle.ts';
import { SqlDeployError } from '../errors.ts';
import { ledgerKey } from '../plan/files.ts';
import type { IntentRow } from '../plan/ledger-state.ts';
import { judgeResolution } from '../plan/resolution.ts';
import { inTransaction, readLedger } from '../target/ledger.ts';
import { plainFailure, RunStopped } from './failure.ts';
import type { OpenTarget } from './open-target.ts';
import type { DeployOptions, TargetOptions } from './options.ts';
import { enter, forgetSql } from './settle-target.ts';

/**
 * Enters a person's answer in the ledger before anything is planned. Under the target's lock, and only while the
 * interruption is the very one that the person saw: so it may be tried again after any loss.
 * @returns the target with its ledger as it stands then
 * @throws RunStopped resolution_stale; SqlDeployError when the file's bytes are not those that were run
 */
export async function carryOutResolution(options: DeployOptions, target: OpenTarget): Promise<OpenTarget> {
  const { resolution } = options;
  if (resolution === undefined || options.dryRun === true) return target;
  const { path } = resolution.evidence;
  const { state } = target.contents;
  const intent = state.intents.find((row) => ledgerKey(row.folder, row.fileName) === path) ?? null;
  const row = state.rows.find((candidate) => ledgerKey(candidate.folder, candidate.fileName) === path) ?? null;
  const judged = judgeResolution(resolution, intent, row);
  if (judged === 'stale') throw stale(path, resolution.outcome, row !== null);
  if (judged === 'settled' || intent === null) return target;
  if (options.signal?.aborted === true) throw cancelledBefore(path);
  await settleIntent(options, target, intent, resolution.outcome);
  options.onEvent?.({ type: 'resolved', path, outcome: resolution.outcome });
  return { ...target, contents: await readLedger(target.session, target.facts, options.mode) };
}

/** Turns an intent into a ledger row, or forgets it: one transaction that waits for the disk. */
export async function settleIntent(
  options: TargetOptions & Pick<DeployOptions, 'bundle' | 'deploymentId'>,
  target: OpenTarget,
  intent: IntentRow,
  outcome: 'applied' | 'not_applied',
): Promise<void> {
  if (outcome === 'applied') {
    await enter(options, target, [fileAsRun(options.bundle.files, intent)], 'resolved');
    return;
  }
  await inTransaction(
    target.session,
    `SET LOCAL synchronous_commit TO ${target.facts.synchronousCommit}; ${forgetSql(intent.folder, intent.fileName)}`,
  );
}

/** What is entered as applied has to be what was run: else the ledger would vouch for bytes that nobody ran. */
function fileAsRun(files: readonly BundleFile[], intent: IntentRow): BundleFile {
  const path = ledgerKey(intent.folder, intent.fileName);
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw fileMissing(path);
  if (file.sha256 === intent.sha256) return file;
  throw new SqlDeployError(
    'changed_file',
    `${path} is not as it was run: SHA-256 ${file.sha256} here, ${intent.sha256} there. Nothing was changed.`,
    'Bring the file back as it was run, and settle it with that; or undo by hand what is there of it, and settle it as not applied: then it runs from its start as it is now.',
  );
}

export function fileMissing(path: string): SqlDeployError {
  return new SqlDeployError(
    'file_unknown',
    `${path} is not in the folders, so its digest cannot be entered. Nothing was changed.`,
    'Bring the file back as it was run, or give the right --root.',
  );
}

function stale(path: string, outcome: 'applied' | 'not_applied', isEntered: boolean): RunStopped {
  const said = outcome === 'applied' ? 'applied' : 'not applied';
  const since = isEntered
    ? 'it has been entered as applied by a person since'
    : 'it was settled as not applied, or begun again, since';
  return new RunStopped(
    'refused',
    plainFailure(
      'resolution_stale',
      `${path} was called ${said}, but ${since}. Nothing was changed.`,
      'Look at the target’s ledger, and at who settled the file (the audit log tells). If something is still to be settled there, the next deployment says so, with what is known then.',
      path,
    ),
  );
}

function cancelledBefore(path: string): RunStopped {
  return new RunStopped(
    'failed',
    plainFailure(
      'cancelled',
      `The run was cancelled before the answer about ${path} was entered. Nothing was changed.`,
      'Settle it again: it still waits for a person.',
    ),
  );
}
