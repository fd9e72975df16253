import type { RunRecord, RunningStep } from '../run-record.ts';
import { formatDuration } from './duration.ts';
import { fitColumns } from './fit.ts';
import { oneLine } from './sanitize.ts';

const BAR_CELLS = 20;
/** Below this many columns the place is better spent on the file's name. */
const BAR_MIN_COLUMNS = 60;
const STEP_TIME_FROM_MS = 1_000;

/**
 * The line that shows where a run stands: bar, n of m, time of the run, the file under way.
 * @param now in milliseconds, of the record's clock
 * @param columns the terminal's width; the line stays one short of it, so that it never wraps
 */
export function progressLine(record: RunRecord, cancelling: boolean, now: number, columns: number): string {
  const elapsed = formatDuration(now - record.startedAt);
  const parts =
    record.total === 0
      ? [record.waitingFor ?? 'reading the ledger', elapsed]
      : stepParts(record, elapsed, now, columns);
  return fitColumns(oneLine([...(cancelling ? ['cancelling'] : []), ...parts].join('  ')), Math.max(1, columns - 1));
}

function stepParts(record: RunRecord, elapsed: string, now: number, columns: number): string[] {
  const done = record.finished.length + record.failed.length;
  const filled = Math.floor((Math.min(done, record.total) / record.total) * BAR_CELLS);
  const bar = columns < BAR_MIN_COLUMNS ? [] : [`[${'#'.repeat(filled)}${'-'.repeat(BAR_CELLS - filled)}]`];
  const step = record.running[0];
  const nth = Math.min(record.total, step === undefined ? done : done + 1);
  return [...bar, `${nth} of ${record.total}`, elapsed, ...(step === undefined ? [] : [stepText(step, now)])];
}

function stepText(step: RunningStep, now: number): string {
  const ms = now - step.startedAt;
  const details = [
    ...(ms > STEP_TIME_FROM_MS ? [formatDuration(ms)] : []),
    ...(step.statements > 1 ? [`statement ${step.statement} of ${step.statements}`] : []),
  ];
  return details.length === 0 ? step.path : `${step.path} (${details.join(', ')})`;
}
