import type { Bundle, BundleFile, Folder } from '../bundle/bundle.ts';
import { SqlDeployError } from '../errors.ts';
import { ledgerKey } from '../plan/files.ts';
import { adoptedRows } from '../plan/ledger-state.ts';
import { entrySql, inTransaction, prepareLedger } from '../target/ledger.ts';
import { isServerError } from '../target/server-error.ts';
import { literal } from '../target/sql-text.ts';
import { plainFailure, RunStopped, refusal } from './failure.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import type { TargetOptions } from './options.ts';

/** Opens a target, does some work on it, and closes it whatever happens. */
export async function onTarget<T>(
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

/** Everything expected that ends such work; a defect is thrown on. */
export function asStopped(error: unknown): RunStopped {
  if (error instanceof RunStopped) return error;
  if (error instanceof SqlDeployError) return refusal(error);
  if (isServerError(error)) {
    return new RunStopped(
      'refused',
      plainFailure(
        'sql_error',
        `The server refused: ${error.message}. Nothing was changed.`,
        'Mend the cause and run again.',
      ),
    );
  }
  throw error;
}

/** Enters files in the ledger without running them, and forgets their intents: one transaction. */
export async function enter(
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

/** Takes an intent away. */
export function forgetSql(folder: Folder, name: string): string {
  return `DELETE FROM postgres_manager.intent WHERE folder = ${literal(folder)} AND file_name = ${literal(name)};`;
}
