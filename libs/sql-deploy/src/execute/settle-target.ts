import type { Bundle, BundleFile, Folder } from '../bundle/bundle.ts';
import { ledgerKey } from '../plan/files.ts';
import { adoptedRows } from '../plan/ledger-state.ts';
import type { TargetFacts } from '../target/facts.ts';
import { entrySql, inTransaction, prepareLedger } from '../target/ledger.ts';
import type { Session } from '../target/session.ts';
import { literal } from '../target/sql-text.ts';
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

/** Enters files in the ledger without running them, and forgets their intents: one transaction. */
export async function enter(
  options: TargetOptions & { readonly bundle: Bundle; readonly deploymentId?: string },
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
  const details = { appliedBy: options.appliedBy ?? facts.user, deploymentId: options.deploymentId ?? null };
  const forget = files.map(({ folder, name }) => forgetSql(folder, name)).join('\n');
  await inTransaction(
    session,
    `SET LOCAL synchronous_commit TO ${facts.synchronousCommit};
     ${entrySql(files, origin, details, facts.legacyTable)}\n${forget}`,
  );
}

/** Waits until what is in the ledger is on disk: a commit that waits flushes all before it. */
export async function flush(session: Session, facts: TargetFacts): Promise<void> {
  await inTransaction(
    session,
    `SET LOCAL synchronous_commit TO ${facts.synchronousCommit};
     UPDATE postgres_manager.instance SET last_run_at = pg_catalog.clock_timestamp();`,
  );
}

/** Takes an intent away. */
export function forgetSql(folder: Folder, name: string): string {
  return `DELETE FROM postgres_manager.intent WHERE folder = ${literal(folder)} AND file_name = ${literal(name)};`;
}
