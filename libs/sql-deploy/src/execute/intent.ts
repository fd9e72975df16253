import { createHash } from 'node:crypto';
import type { BundleFile } from '../bundle/bundle.ts';
import type { Script, Statement } from '../sql/script.ts';
import { literal } from '../target/sql-text.ts';
import { TRANSACTION_LEFT } from './group.ts';
import type { RunContext } from './run-context.ts';

/**
 * The intent row: which statements of a non-transactional file are done, and which is under way. It is written
 * before a statement that no transaction covers, so that an interruption is never silent.
 */

/** What picks a file's intent. */
export const intentRow = (file: BundleFile): string =>
  `folder OPERATOR(pg_catalog.=) ${literal(file.folder)} AND file_name OPERATOR(pg_catalog.=) ${literal(file.name)}`;

/** The digest of a file's first statements, so that on resuming an edited past can be told from an edited rest. */
export function doneDigest(file: BundleFile, statements: readonly Statement[], done: number): string {
  const hash = createHash('sha256');
  for (const statement of statements.slice(0, done)) {
    hash.update(file.bytes.subarray(statement.start, statement.end)).update('\0');
  }
  return hash.digest('hex');
}

/** Enters the intent, on disk before the file's first statement. */
export async function beginIntent(run: RunContext, file: BundleFile, script: Script): Promise<void> {
  await durably(
    run,
    `INSERT INTO postgres_manager.intent (folder, file_name, sha256, deployment_id, started_by, started_at, statements_done, done_sha256)
     VALUES (${literal(file.folder)}, ${literal(file.name)}, ${literal(file.sha256)}, ${literal(run.group.deploymentId)},
             ${literal(run.group.appliedBy)}, pg_catalog.clock_timestamp(), 0, ${literal(doneDigest(file, script.statements, 0))})`,
  );
}

/** Says on disk that a statement (from 0) is about to run outside any transaction. */
export async function markRunning(run: RunContext, file: BundleFile, index: number): Promise<void> {
  await durably(
    run,
    `UPDATE postgres_manager.intent SET statement_running = ${index + 1}, sha256 = ${literal(file.sha256)} WHERE ${intentRow(file)}`,
  );
}

/** Says that the statements before `done` are done and none is under way. */
export async function markDone(run: RunContext, file: BundleFile, script: Script, done: number): Promise<void> {
  await durably(run, doneSql(file, script, done));
}

/** Takes over the intent of an earlier run, whose first `done` statements are done. */
export async function takeOver(run: RunContext, file: BundleFile, script: Script, done: number): Promise<void> {
  const { deploymentId } = run.group;
  await durably(
    run,
    `${doneSql(file, script, done)};
     UPDATE postgres_manager.intent SET deployment_id = ${literal(deploymentId)} WHERE ${intentRow(file)}`,
  );
}

/** A statement that did not take place leaves the intent as if it had not been tried; without any done, none. */
export async function markFailed(run: RunContext, file: BundleFile, index: number): Promise<void> {
  await durably(
    run,
    index === 0
      ? `DELETE FROM postgres_manager.intent WHERE ${intentRow(file)}`
      : `UPDATE postgres_manager.intent SET statement_running = NULL WHERE ${intentRow(file)}`,
  );
}

/** The mark for use in a statement's own transaction; refuses when that is no longer the one it began in. */
export function doneSql(file: BundleFile, script: Script, done: number, guarded = false): string {
  const count = guarded
    ? `CASE WHEN pg_catalog.current_setting('postgres_manager.transaction', true) OPERATOR(pg_catalog.=) pg_catalog.txid_current()::text
       THEN ${done} ELSE pg_catalog.current_setting(${literal(TRANSACTION_LEFT)})::integer END`
    : String(done);
  return `UPDATE postgres_manager.intent SET statements_done = ${count}, statement_running = NULL,
    done_sha256 = ${literal(doneDigest(file, script.statements, done))}, sha256 = ${literal(file.sha256)} WHERE ${intentRow(file)}`;
}

/** Takes the intent away: part of the transaction that enters the file in the ledger. */
export function endIntentSql(file: BundleFile): string {
  return `DELETE FROM postgres_manager.intent WHERE ${intentRow(file)}`;
}

/**
 * One statement in a transaction of its own that waits for the disk. The role is put back for it alone:
 * a file that set another goes on with that.
 */
async function durably(run: RunContext, statement: string): Promise<void> {
  await run.session.run(`BEGIN; SET LOCAL ROLE NONE; SET LOCAL synchronous_commit TO ${run.facts.synchronousCommit};
${statement};
COMMIT`);
}
