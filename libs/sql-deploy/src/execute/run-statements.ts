import { decodeChunk } from '../sql/chunk-text.ts';
import { utf16Index } from '../sql/source-position.ts';
import type { Statement } from '../sql/script.ts';
import type { Interruption } from '../sql/interruption.ts';
import { endsConnection, isServerError } from '../target/server-error.ts';
import { epochSql, isoTime, legacySql } from '../target/ledger.ts';
import { HAS_THE_LOCK, KEEPS_ONLY_THE_LOCK } from '../target/lock.ts';
import { literal } from '../target/sql-text.ts';
import { evidenceOf } from '../plan/evidence.ts';
import { plainFailure, RunStopped, stepFailure } from './failure.ts';
import { LOCK_LOST, restoreSessionSql, startOfNext, TAKE_LOCK, TRANSACTION_LEFT } from './group.ts';
import { dropIndex, findIndexOfTable } from './index-state.ts';
import { beginIntent, doneSql, endIntentSql, markDone, markFailed, markRunning, takeOver } from './intent.ts';
import { dropLeftovers, readMark } from './reindex-leftovers.ts';
import type { Failure } from './report.ts';
import { resumeAt, settleHint } from './resume.ts';
import { type FailedAttempt, type RunContext, type Step, stepFinished, stepStarted } from './run-context.ts';

/**
 * Runs a file whose statements can't share a transaction: one by one, each marked in the intent row, in order.
 * @returns the failed attempt, or null when the file is in the ledger
 * @throws RunStopped needs_attention for what only a person can settle
 */
export async function runStatements(run: RunContext, step: Step): Promise<FailedAttempt | null> {
  const { file, script } = step;
  const started = performance.now();
  stepStarted(run, step);
  run.session.onNotice = ({ severity, message }) =>
    run.options.onEvent?.({ type: 'notice', path: file.path, severity, message });
  try {
    await run.session.run(startOfNext(file, run.group));
    const next = await firstStatement(run, step);
    for (const [index, statement] of script.statements.entries()) {
      if (index < next) continue;
      if (run.cancellation.requested) throw cancelledHere(step);
      const failed = statement.facts.outsideTransaction
        ? await runOutside(run, step, index, statement)
        : await runInside(run, step, index, statement);
      if (failed !== null) return failed;
      reportProgress(run, step, index);
      const lost = statement.facts.opaque ? await lockLost(run, step, HAS_THE_LOCK) : null;
      if (lost !== null) return lost;
    }
    await finish(run, step, performance.now() - started);
    return await lockLost(run, step, KEEPS_ONLY_THE_LOCK);
  } finally {
    run.session.onNotice = () => {};
  }
}

function cancelledHere(step: Step): RunStopped {
  return new RunStopped(
    'failed',
    plainFailure(
      'cancelled',
      `The run was cancelled while ${step.file.path} ran, between two of its statements.`,
      'Run again: the file goes on where it stopped.',
      step.file.path,
    ),
  );
}

function reportProgress(run: RunContext, step: Step, index: number): void {
  run.options.onEvent?.({
    type: 'step_progress',
    path: step.file.path,
    statement: index + 1,
    statements: step.script.statements.length,
  });
}

/** Where to begin; settings that the statements already done had made are made again. */
async function firstStatement(run: RunContext, step: Step): Promise<number> {
  // After a failed attempt in this same run the intent is newer than the plan: ask the target.
  const intent = await readIntent(run, step);
  if (intent === null) {
    await beginIntent(run, step.file, step.script);
    return 0;
  }
  const next = await resumeAt(run, step, intent);
  await takeOver(run, step.file, step.script, next);
  for (const statement of step.script.statements.slice(0, next)) {
    if (statement.facts.setsSession) await run.session.run(textOf(step, statement));
  }
  return next;
}

async function readIntent(run: RunContext, step: Step): Promise<Step['intent']> {
  const { file } = step;
  const [row] =
    await run.session.rows(`SELECT sha256, statements_done, done_sha256, statement_running, ${epochSql('started_at')}, deployment_id
    FROM postgres_manager.intent WHERE folder = ${literal(file.folder)} AND file_name = ${literal(file.name)}`);
  const [fields] = row ?? [];
  if (fields === undefined) return null;
  return {
    folder: file.folder,
    fileName: file.name,
    sha256: fields[0] ?? '',
    statementsDone: Number(fields[1]),
    doneSha256: fields[2] ?? '',
    statementRunning: fields[3] == null ? null : Number(fields[3]),
    startedAt: isoTime(fields[4]),
    deploymentId: fields[5] ?? null,
  };
}

/** Code that a statement ran may have let go of the target's lock: nothing more may run then. */
async function lockLost(run: RunContext, step: Step, condition: string): Promise<FailedAttempt | null> {
  try {
    await run.session.run(
      `SELECT CASE WHEN ${condition} THEN '' ELSE pg_catalog.current_setting(${literal(LOCK_LOST)}) END`,
    );
    return null;
  } catch (error) {
    return { step, error: asError(error), byteOffset: null };
  }
}

/** A statement that a transaction can hold commits together with its mark. */
async function runInside(
  run: RunContext,
  step: Step,
  index: number,
  statement: Statement,
): Promise<FailedAttempt | null> {
  const head = `BEGIN;\n${TAKE_LOCK};\n`;
  const body = textOf(step, statement);
  const tail = `\n;SET LOCAL ROLE NONE; ${doneSql(step.file, step.script, index + 1, true)}; COMMIT`;
  try {
    await run.session.run(head + body + tail);
    return null;
  } catch (error) {
    const failed = { step, error: asError(error), byteOffset: placeOf(error, statement, head, body) };
    if (index === 0) await forgetUntouched(run, failed);
    return failed;
  }
}

/** A first statement that was rolled back leaves nothing to carry on with: the file counts as never begun. */
async function forgetUntouched(run: RunContext, { step, error }: FailedAttempt): Promise<void> {
  if (run.session.lost !== null || endsConnection(error)) return;
  if (error.message.includes(LOCK_LOST) || error.message.includes(TRANSACTION_LEFT)) return;
  await run.cancellation.settled();
  await run.session.run('ROLLBACK');
  await markFailed(run, step.file, 0);
}

/** A statement that no transaction holds: marked before, looked at afterwards, marked again. */
async function runOutside(
  run: RunContext,
  step: Step,
  index: number,
  statement: Statement,
): Promise<FailedAttempt | null> {
  const { file, script } = step;
  const { interruption } = statement.facts;
  const isThere = interruption.type === 'index' && (await isThereAlready(run, step, index, interruption));
  // An index that is there already cannot be built, so there is no building to be interrupted: marked as under way,
  // it would be taken for the work of this statement.
  if (!isThere) await markRunning(run, file, index);
  const triedBefore = run.reindexMarks.has(file.path);
  if (interruption.type === 'reindex' && !triedBefore) run.reindexMarks.set(file.path, await readMark(run, step));
  const body = textOf(step, statement);
  try {
    await run.session.run(body);
  } catch (error) {
    const failed = { step, error: asError(error), byteOffset: placeOf(error, statement, '', body) };
    if (run.session.lost !== null || endsConnection(error)) return failed;
    await run.cancellation.settled();
    await cleanUp(run, failed, index, statement);
    return failed;
  }
  if (interruption.type === 'reindex' && triedBefore) await takeAwayLeftovers(run, step, interruption);
  if (interruption.type === 'index') {
    const { state } = await findIndexOfTable(run.session, interruption.table, interruption.index);
    if (state === 'invalid') throw invalidIndex(step, interruption.index, 'is invalid after being built');
  }
  await markDone(run, file, script, index + 1);
  return null;
}

/** After an error of the server the statement has ended: what it left is taken away, or a person is asked. */
async function cleanUp(run: RunContext, failed: FailedAttempt, index: number, statement: Statement): Promise<void> {
  const { step, error, byteOffset } = failed;
  const { interruption, kind } = statement.facts;
  if ((kind === 'CallStmt' || kind === 'DoStmt') && isServerError(error)) {
    // Code that commits on its own may have done any part of its work.
    throw new RunStopped('needs_attention', await halfDone(run, step, stepFailure(step.file, error, byteOffset)));
  }
  if (interruption.type === 'index') {
    const found = await findIndexOfTable(run.session, interruption.table, interruption.index);
    if (found.state === 'invalid') await dropIndex(run.session, found);
  }
  if (interruption.type === 'reindex') await takeAwayLeftovers(run, step, interruption);
  await markFailed(run, step.file, index);
}

/** A statement that commits on its own has failed half-way: what it did before stays. */
async function halfDone(run: RunContext, step: Step, failure: Failure): Promise<Failure> {
  const intent = await readIntent(run, step);
  const unknown = 'The statement commits on its own, and failed: how much of its work it had committed cannot be told';
  return {
    ...failure,
    code: 'unfinished_step',
    hint: settleHint(step.file.path),
    ...(intent === null ? {} : { evidence: evidenceOf(intent, step.script.statements.length, unknown) }),
  };
}

async function takeAwayLeftovers(
  run: RunContext,
  step: Step,
  { relation }: Extract<Interruption, { type: 'reindex' }>,
): Promise<void> {
  const mark = run.reindexMarks.get(step.file.path);
  if (mark !== undefined) await dropLeftovers(run, step, relation, mark);
}

/**
 * Whether the index was there, valid, before its statement.
 * @throws RunStopped index_invalid: IF NOT EXISTS would pass over an invalid one and call it success
 */
async function isThereAlready(
  run: RunContext,
  step: Step,
  index: number,
  made: Extract<Interruption, { type: 'index' }>,
): Promise<boolean> {
  const { state } = await findIndexOfTable(run.session, made.table, made.index);
  if (state !== 'invalid') return state === 'valid';
  await markFailed(run, step.file, index);
  throw invalidIndex(step, made.index, 'is there already and is invalid; this run did not make it');
}

function invalidIndex(step: Step, index: string, what: string): RunStopped {
  return new RunStopped(
    'failed',
    plainFailure(
      'index_invalid',
      `The index ${index} ${what}.`,
      `Drop it (DROP INDEX CONCURRENTLY ${index}) after finding out why its build failed, then run again.`,
      step.file.path,
    ),
  );
}

/** The ledger row takes the place of the intent, and the session is put back. */
async function finish(run: RunContext, step: Step, durationMs: number): Promise<void> {
  const { file } = step;
  const { group } = run;
  await run.session.run(restoreSessionSql(group));
  await run.session.run(`BEGIN; SET LOCAL synchronous_commit TO ${run.facts.synchronousCommit};
INSERT INTO postgres_manager.ledger (folder, file_name, sha256, origin, deployment_id, applied_by, duration_ms, applied_at)
VALUES (${literal(file.folder)}, ${literal(file.name)}, ${literal(file.sha256)}, 'run', ${literal(group.deploymentId)},
        ${literal(group.appliedBy)}, ${durationMs.toFixed(3)}, pg_catalog.clock_timestamp());
${legacySql(file, group.legacyTable)}
${endIntentSql(file)};
COMMIT`);
  stepFinished(run, step, durationMs);
}

function textOf(step: Step, statement: Statement): string {
  return decodeChunk(step.file.bytes, statement);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The place of an error in a statement sent between `head` and a tail; its beginning where the server names none. */
function placeOf(error: unknown, statement: Statement, head: string, body: string): number {
  if (!isServerError(error) || error.position === undefined) return statement.start;
  const index = utf16Index(head + body, Number(error.position) - 1) - head.length;
  return index < 0 ? statement.start : statement.start + Buffer.byteLength(body.slice(0, index));
}
