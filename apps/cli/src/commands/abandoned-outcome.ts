import type { Mode } from '@postgres-manager/sql-deploy';
import { exitCodeOfSignal, type SignalName } from '../exit-codes.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { count } from '../output/duration.ts';
import { labelled, pathList } from '../output/lists.ts';
import type { RunRecord } from '../run-record.ts';
import { type Stop, stopWithoutFile } from '../stop.ts';

const MAX_LISTED = 20;

/** What can be told of a run that did not end in time after a second signal: its events, and where the truth is. */
export function abandonedOutcome(record: RunRecord, signal: SignalName, mode: Mode | null): Outcome {
  const running = record.running.map((step) => step.path);
  const failed: Stop = {
    ...stopWithoutFile(
      'cancelled',
      'the server did not let go in time, so this is only what was known by then',
      'The ledger in the target is the truth: `postgres-manager status` shows it. A statement may still be running there.',
    ),
    file: running[0] ?? null,
  };
  const fields = {
    mode,
    status: 'failed',
    applied: record.finished,
    failed,
    durationMs: Date.now() - record.startedAt,
  } as const;
  const outcome = outcomeOf(fields, { underWay: running }, (paint) => [
    paint.red(`cancelled: ${failed.message}`),
    ...pathList('applied', record.finished, MAX_LISTED, paint),
    ...pathList('failed', record.failed, MAX_LISTED, paint),
    ...pathList('not known', running, MAX_LISTED, paint),
    labelled('planned', count(record.total, 'file')),
    labelled('what to do now', failed.hint),
  ]);
  return { ...outcome, exitCode: exitCodeOfSignal(signal), abandoned: true };
}
