import type { LedgerRow } from '../plan/ledger-state.ts';
import { type EnteredRow, ProgressMeter } from './progress-meter.ts';
import { buildGroup, type Group } from './group.ts';
import { type FailedAttempt, type RunContext, type Step, stepFinished, stepStarted } from './run-context.ts';
import { SentText } from './sent-text.ts';
import { statementOffset } from './failure.ts';
import { isServerError } from '../target/server-error.ts';
import { SqlDeployError } from '../errors.ts';
import { watchStall } from './stall-watch.ts';

/** Larger texts gain nothing and cost memory on both sides. */
const MAX_BATCH_CHARACTERS = 512 * 1024;
/** How long a batch should take: long enough to drown the round trip, short enough to stop soon. */
const TARGET_BATCH_MS = 200;
const FIRST_BATCH_FILES = 16;
const MAX_BATCH_FILES = 512;

/** How many files share a round trip: grows while batches are quick, shrinks when they are not. */
export class BatchSize {
  files = FIRST_BATCH_FILES;

  learn(count: number, elapsedMs: number): void {
    if (elapsedMs > 2 * TARGET_BATCH_MS) this.files = Math.max(1, Math.floor(this.files / 2));
    else if (count >= this.files && elapsedMs < TARGET_BATCH_MS) this.files = Math.min(this.files * 2, MAX_BATCH_FILES);
  }
}

/**
 * Takes from the front as many steps as may share one text.
 * A step goes alone when it is large, asks for its own isolation level (BEGIN must be the first word then),
 * or can change whether the older script's table is there.
 */
export function takeBatch(steps: readonly Step[], from: number, maxFiles: number): Step[] {
  const batch: Step[] = [];
  let size = 0;
  for (const step of steps.slice(from, from + maxFiles)) {
    if (!step.script.transactional) break;
    const alone =
      step.script.chunks.length > 1 || step.script.transactionOptions !== '' || step.script.namesLegacyTable;
    if (alone && batch.length > 0) break;
    size += step.file.bytes.length;
    if (batch.length > 0 && size > MAX_BATCH_CHARACTERS) break;
    batch.push(step);
    if (alone) break;
  }
  return batch;
}

/**
 * Runs transactional steps, each in a transaction of its own, in one round trip (a large file: one for each chunk).
 * @param isLast the run ends with this batch, so its last commit waits until everything is on disk
 * @returns the step that failed, or null; the steps before it are committed, those after it were not begun
 */
export async function runBatch(
  run: RunContext,
  batch: readonly Step[],
  isLast: boolean,
): Promise<FailedAttempt | null> {
  const groups = batch.map((step, i) =>
    buildGroup(step.file, step.script, run.group, {
      isFirst: i === 0,
      next: batch[i + 1]?.file ?? null,
      durable: isLast && i === batch.length - 1 ? run.facts.synchronousCommit : null,
      guarded: run.guarded.has(step.file.path),
    }),
  );
  const meter = new ProgressMeter(groups);
  const unwatch = watchNotices(run, meter);
  const [first] = groups;
  const large = first !== undefined && first.script.chunks.length > 1;
  const texts = large ? SentText.ofLargeFile(first) : [SentText.ofBatch(groups)];
  let sent: SentText | null = null;
  if (batch[0] !== undefined) stepStarted(run, batch[0]);
  const stopWatch = watchStall(run, batch);
  try {
    for (sent of texts) {
      if (run.cancellation.requested) throw cancelledBetweenTexts();
      await run.session.run(sent.text, {
        onRow: (row) => meter.row(row),
        onComplete: () => onComplete(run, meter, batch),
      });
    }
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return await locateFailure(run, error, sent, groups, meter, batch);
  } finally {
    stopWatch();
    unwatch();
  }
}

/** Between the chunks of a large file nothing runs that could be cancelled on the server. */
function cancelledBetweenTexts(): SqlDeployError {
  return new SqlDeployError('cancelled', 'The run was cancelled.', 'Run again to carry on.');
}

function onComplete(run: RunContext, meter: ProgressMeter, batch: readonly Step[]): void {
  const before = meter.current;
  const committed = meter.complete();
  if (committed === null) {
    reportStatement(run, meter, before);
    return;
  }
  const step = batch[committed.index];
  if (step !== undefined) {
    stepFinished(run, step, committed.row?.durationMs ?? 0);
    if (committed.row !== null) run.entered.push(enteredRow(run, step, committed.row));
  }
  const next = batch[committed.index + 1];
  if (next !== undefined) stepStarted(run, next);
}

function enteredRow({ group }: RunContext, { file }: Step, row: EnteredRow): LedgerRow {
  const { deploymentId, appliedBy } = group;
  return {
    folder: file.folder,
    fileName: file.name,
    sha256: file.sha256,
    origin: 'run',
    appliedBy,
    deploymentId,
    ...row,
  };
}

const REPORT_FROM_STATEMENTS = 100;

/** Only long files say how far they are: for the rest the file is the measure. */
function reportStatement(run: RunContext, meter: ProgressMeter, group: Group | null): void {
  if (group === null || group.script.statementCount < REPORT_FROM_STATEMENTS) return;
  const { phase, statementsDone } = meter.reached();
  const every = Math.max(1, Math.floor(group.script.statementCount / 100));
  if (phase !== 'file' || statementsDone % every !== 0) return;
  run.options.onEvent?.({
    type: 'step_progress',
    path: group.file.path,
    statement: statementsDone,
    statements: group.script.statementCount,
  });
}

function watchNotices(run: RunContext, meter: ProgressMeter): () => void {
  run.session.onNotice = ({ severity, message }) =>
    run.options.onEvent?.({ type: 'notice', path: meter.current?.file.path ?? null, severity, message });
  return () => {
    run.session.onNotice = () => {};
  };
}

async function locateFailure(
  run: RunContext,
  error: Error,
  sent: SentText | null,
  groups: readonly Group[],
  meter: ProgressMeter,
  batch: readonly Step[],
): Promise<FailedAttempt> {
  const reached = meter.reached();
  const place = isServerError(error) && error.position !== undefined ? sent?.locate(Number(error.position)) : undefined;
  // A text that does not parse runs nothing of itself; the place then names the file, which may not be the first.
  const parsed = reached.phase !== 'not_begun' || reached.group > 0;
  const index = !parsed && place != null ? place.group : reached.group;
  const step = batch[Math.min(Math.max(index, 0), batch.length - 1)];
  const group = groups[index];
  if (step === undefined) throw error;
  if (!parsed && index > 0 && run.session.lost === null) {
    // The files before it have not run: they do now, without it.
    await run.session.run('ROLLBACK');
    const earlier = await runBatch(run, batch.slice(0, index), false);
    if (earlier !== null) return earlier;
  }
  if (place != null) return { step, error, byteOffset: place.byteOffset };
  const known = reached.phase === 'file' && group !== undefined;
  return {
    step,
    error,
    byteOffset: known ? await statementOffset(group.file, group.script, reached.statementsDone) : null,
  };
}
