import { json } from '../../deployments/transitions/progress-writes.ts';
import type { RolloutDecision } from '../decide.ts';
import type { NewRolloutEvent } from '../rollout-events.ts';
import type { RolloutRow, WaveRow } from '../rollout-row.ts';
import { isRolloutFinal, sumCounts } from '../rollout-states.ts';
import type { Held } from './held-targets.ts';
import type { Finished } from './note-finished.ts';
import type { Taken } from './start-targets.ts';

// What a move has to tell; pure.

export function finishedEvent({ target, wave, state, deployment, failure }: Finished): NewRolloutEvent {
  const brief =
    failure === null
      ? null
      : {
          code: failure.code,
          sqlstate: failure.sqlstate,
          file: failure.file,
          line: failure.line,
          message: failure.message,
        };
  return { type: 'target_finished', data: { target, wave, status: state, deployment, failure: brief } };
}

export function takenEvent({ target, wave, deployment }: Taken): NewRolloutEvent {
  return deployment === null
    ? {
        type: 'target_skipped',
        data: { target, wave, by: 'rollout', reason: 'The target was removed before its turn.' },
      }
    : { type: 'target_started', data: { target, wave, deployment } };
}

export function heldEvent({ target, wave, deployment, isHeld, voided }: Held): NewRolloutEvent {
  const data = { target, wave, deployment };
  return isHeld ? { type: 'target_awaiting_approval', data: { ...data, voided } } : { type: 'target_approved', data };
}

/** Of the waves in which something has ended or was left out, those that have ended with it. */
export function wavesFinished(touched: ReadonlySet<number>, waves: readonly WaveRow[]): NewRolloutEvent[] {
  return waves
    .filter(({ number, pending, started }) => touched.has(number) && pending + started === 0)
    .map(({ number, total, succeeded, failed, needs_attention: needsAttention, cancelled, skipped }) => ({
      type: 'wave_finished',
      data: { wave: number, total, succeeded, failed, needsAttention, cancelled, skipped },
    }));
}

/** What a decision has to tell: each change once. */
export function decisionEvents(
  row: RolloutRow,
  decision: RolloutDecision,
  waves: readonly WaveRow[],
): NewRolloutEvent[] {
  const events: NewRolloutEvent[] = [];
  const { status, start, waitingFor } = decision;
  if (status !== row.status) {
    if (status === 'running') events.push({ type: 'started', data: {} });
    else if (isRolloutFinal(status)) events.push({ type: 'finished', data: { status, counts: sumCounts(waves) } });
    else if (status === 'awaiting_approval') events.push({ type: status, data: { waitingFor } });
    else
      events.push({
        type: status,
        data: { reason: waitingFor !== null && 'reason' in waitingFor ? waitingFor.reason : null },
      });
  } else if (isPatient(waitingFor) && json(waitingFor) !== json(row.waiting)) {
    events.push({ type: 'waiting', data: { waitingFor } });
  }
  const wave = start === null ? undefined : waves[start.wave - 1];
  if (wave !== undefined && wave.started_at === null) {
    events.push({ type: 'wave_started', data: { wave: wave.number, total: wave.total } });
  }
  return events;
}

function isPatient(waitingFor: RolloutDecision['waitingFor']): boolean {
  return waitingFor !== null && ['time', 'window', 'promotion', 'wave_approval', 'freeze'].includes(waitingFor.kind);
}
