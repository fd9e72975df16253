import { SqlDeployError } from '../errors.ts';
import { pause } from '../target/connect.ts';
import { LEGACY_TABLE_EXPRESSION } from '../target/facts.ts';
import { KEEPS_ONLY_THE_LOCK } from '../target/lock.ts';
import { endsConnection, isServerError } from '../target/server-error.ts';
import { findBlocker } from './blockers.ts';
import { assertOutside, plainFailure, RunStopped, stepFailure } from './failure.ts';
import { restoreSessionSql, SESSION_CHANGED } from './group.ts';
import type { Failure } from './report.ts';
import { BatchSize, runBatch, takeBatch } from './run-batch.ts';
import type { FailedAttempt, RunContext, Step } from './run-context.ts';
import { runStatements } from './run-statements.ts';

const DEFAULT_LOCK_RETRIES = 5;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** Only these pass by themselves; both leave the step's transaction rolled back. */
const RETRIED = new Set(['55P03', '40P01']);

/**
 * Runs the steps in order. Stops at the first failure, or goes on past it when the options say so.
 * @throws RunStopped when the run must end; `run.applied` then holds what was done before
 */
export async function runSteps(run: RunContext, steps: readonly Step[]): Promise<void> {
  const size = new BatchSize();
  const attempts = new Map<Step, number>();
  for (let next = 0; next < steps.length; ) {
    stopIfCancelled(run);
    const step = steps[next] as Step;
    const batch = takeBatch(steps, next, size.files);
    const started = performance.now();
    const isLast = next + batch.length === steps.length;
    const failed = batch.length > 0 ? await runBatch(run, batch, isLast) : await runStatements(run, step);
    if (failed === null) {
      next += Math.max(batch.length, 1);
      size.learn(batch.length, performance.now() - started);
      if (step.script.namesLegacyTable) await lookForLegacyTable(run);
      continue;
    }
    next = steps.indexOf(failed.step);
    if (await mayRetry(run, failed, attempts, steps)) continue;
    await giveUp(run, failed);
    next++;
  }
}

function stopIfCancelled(run: RunContext): void {
  if (run.cancellation.requested) throw new RunStopped('failed', cancelledFailure(null));
}

function cancelledFailure(file: string | null): Failure {
  const what =
    file === null
      ? 'The run was cancelled between two files.'
      : `The run was cancelled while ${file} ran; the file was rolled back.`;
  return plainFailure('cancelled', what, 'Run again to carry on with what is not applied.', file);
}

/** Rolls back, and for a lock that another session kept waits a little and says who had it. */
async function mayRetry(
  run: RunContext,
  failed: FailedAttempt,
  attempts: Map<Step, number>,
  steps: readonly Step[],
): Promise<boolean> {
  const { step, error } = failed;
  assertOutside(error);
  await run.cancellation.settled();
  if (run.session.lost !== null || endsConnection(error)) {
    if (error instanceof SqlDeployError) {
      await rollBack(run);
      throw new RunStopped('failed', cancelledFailure(step.file.path));
    }
    throw new ConnectionLost(step, steps);
  }
  await rollBack(run);
  if (run.cancellation.requested) throw new RunStopped('failed', cancelledFailure(step.file.path));
  if (leftSessionChanged(failed) && !run.guarded.has(step.file.path)) {
    run.guarded.add(step.file.path);
    return true;
  }
  const attempt = (attempts.get(step) ?? 0) + 1;
  attempts.set(step, attempt);
  const code = isServerError(error) ? error.code : '';
  if (!RETRIED.has(code) || attempt > (run.options.lockRetries ?? DEFAULT_LOCK_RETRIES)) return false;
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS) * (0.5 + Math.random());
  const blocker = await blockerOf(run, failed);
  run.options.onEvent?.({
    type: 'step_retry',
    path: step.file.path,
    sqlstate: code,
    attempt,
    waitMs: Math.round(waitMs),
    blocker,
  });
  await pause(waitMs, run.options.signal).catch(() => stopIfCancelled(run));
  return true;
}

/** Also a right that is missing to enter the file (no place in it): its code left the session with another role. */
function leftSessionChanged({ error, byteOffset }: FailedAttempt): boolean {
  if (error.message.includes(SESSION_CHANGED)) return true;
  return byteOffset === null && isServerError(error) && error.code === '42501';
}

async function blockerOf(run: RunContext, { step, byteOffset }: FailedAttempt): Promise<string | null> {
  if (byteOffset === null) return null;
  const chunk = step.script.chunks.find((candidate) => byteOffset < candidate.end);
  return findBlocker(run.session, step.file, { start: byteOffset, end: chunk?.end ?? step.file.bytes.length });
}

/** Ends the failed transaction and puts the session back: prepared statements and cursors outlive a rollback. */
async function rollBack(run: RunContext): Promise<void> {
  await run.session.run(`ROLLBACK; ${restoreSessionSql(run.group)}; SELECT ${KEEPS_ONLY_THE_LOCK}`);
}

/** Records the failure, and ends the run unless it is to go on. */
async function giveUp(run: RunContext, failed: FailedAttempt): Promise<void> {
  const { step, error, byteOffset } = failed;
  if (!isServerError(error)) throw error;
  const blocker = RETRIED.has(error.code) ? await blockerOf(run, failed) : null;
  const told = stepFailure(step.file, error, byteOffset);
  const failure = blocker === null ? told : { ...told, message: `${told.message}: ${blocker}` };
  run.failures.push(failure);
  run.options.onEvent?.({ type: 'step_failed', path: step.file.path, index: step.number, total: run.total, failure });
  const guardLost = failure.code === 'lock_lost' || failure.code === 'hidden_commit';
  if (guardLost || run.options.mode !== 'create' || run.options.onError !== 'continue') {
    throw new RunStopped('failed', failure);
  }
}

async function lookForLegacyTable(run: RunContext): Promise<void> {
  const [legacyTable] = await run.session.row(`SELECT ${LEGACY_TABLE_EXPRESSION}`);
  run.group = { ...run.group, legacyTable: legacyTable ?? null };
}

/** The connection broke while a step ran: only the ledger can tell what became of it. */
export class ConnectionLost extends Error {
  readonly step: Step;
  /** All steps of the run: any of them may be in the ledger by now. */
  readonly steps: readonly Step[];

  constructor(step: Step, steps: readonly Step[]) {
    super(`the connection was lost at ${step.file.path}`);
    this.name = 'ConnectionLost';
    this.step = step;
    this.steps = steps;
  }
}
