import type { Queryable } from '../../database/control-database.ts';
import type { Head } from '../../deployments/line.ts';
import { json } from '../../deployments/transitions/progress-writes.ts';
import { freezeOver, readStanding, type WaitingForFreeze } from '../../freezes/freeze.ts';
import { hasLabels } from '../../targets/labels.ts';
import { decide, type RolloutDecision, type RolloutWaitingFor } from '../decide.ts';
import { addDuration } from '../durations.ts';
import type { NewRolloutEvent } from '../rollout-events.ts';
import { ROLLOUT_COLUMNS, type RolloutRow, standingOf, WAVE_COLUMNS, type WaveRow } from '../rollout-row.ts';
import { isAtRest, isRolloutFinal, rolloutMayGo, sumCounts } from '../rollout-states.ts';
import { findUnapproved, noteHeld } from './held-targets.ts';
import { type Finished, noteFinished } from './note-finished.ts';
import { startTargets } from './start-targets.ts';
import { decisionEvents, finishedEvent, heldEvent, takenEvent, wavesFinished } from './tell.ts';

/** What a move did, for whoever has to ring and tell after it is committed. */
export interface Moved {
  /** Deployments that joined their targets' lines. */
  readonly started: readonly string[];
  /** Those of them that are alone in their line: they are rung for without a look. */
  readonly heads: readonly Head[];
  /** What is under way is to be cancelled. */
  readonly cancelling: boolean;
  /** There is something new to be told. */
  readonly changed: boolean;
}

/** What a person wants of a rollout. */
export interface Changes {
  readonly row: Partial<RolloutRow>;
  readonly events: readonly NewRolloutEvent[];
  /** In which targets were left out, and which may have ended by that. */
  readonly waves: readonly number[];
}

/** Nothing could be started and nothing runs, though something waits: it is looked at again after so long. */
const LOOK_AGAIN_MS = 5000;
/** Targets may turn out to be gone when their turn comes, and leave room for others. */
const MOST_ROUNDS = 50;
/** A dry run changes nothing, so nothing stands in its way. */
const NOTHING_STANDS = { freezes: [], isAnyProtected: false } as const;

/** Locks a rollout's row: whoever has it is the only one that moves the rollout. Null when there is none. */
export async function lockRollout(transaction: Queryable, id: string): Promise<RolloutRow | null> {
  const { rows } = await transaction.query<RolloutRow>({
    name: 'lock-rollout',
    text: `SELECT ${ROLLOUT_COLUMNS} FROM control_plane.rollouts r WHERE r.id = $1 FOR UPDATE`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** The waves of a rollout, in order. */
export async function readWaves(db: Queryable, id: string): Promise<WaveRow[]> {
  const { rows } = await db.query<WaveRow>({
    name: 'read-waves',
    text: `SELECT ${WAVE_COLUMNS} FROM control_plane.rollout_waves w WHERE w.rollout_id = $1 ORDER BY w.number`,
    values: [id],
  });
  return rows;
}

/**
 * The one place in which a rollout moves: takes note of what has ended, decides, starts what is to be started, and
 * writes it all down. In a transaction that holds the rollout's row; moving twice is moving once.
 * @param row as it is in the database, but for what `changes` says
 */
export async function carryOn(
  transaction: Queryable,
  row: RolloutRow,
  changes: Changes = { row: {}, events: [], waves: [] },
): Promise<Moved> {
  const now = new Date();
  const events: NewRolloutEvent[] = [...changes.events];
  let next: RolloutRow = { ...row, ...changes.row };
  const finished = await noteFinished(transaction, row.id);
  next = withFinished(next, finished);
  events.push(...finished.map(finishedEvent));
  const started: string[] = [];
  const heads: Head[] = [];
  const { freezes, isAnyProtected } = row.dry_run ? NOTHING_STANDS : await readStanding(transaction);
  // Over all of its targets, by the labels that they had in common.
  const freeze = freezes.find(({ labels }) => hasLabels(row.common_labels, labels))?.freeze ?? null;
  const touched = new Set([...changes.waves, ...finished.map(({ wave }) => wave)]);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const waves = await readWaves(transaction, row.id);
    events.push(...wavesFinished(touched, waves));
    touched.clear();
    const first = waves.find(({ pending, started: under }) => pending + under > 0)?.number ?? 0;
    const unapproved =
      isAnyProtected && first > next.approved_wave ? await findUnapproved(transaction, row.id, first) : null;
    const decision = decide(standingOf(next, waves, freeze, unapproved), now.getTime());
    events.push(...decisionEvents(next, decision, waves));
    next = withDecision(next, decision, now);
    if (decision.start === null) break;
    const taken = await startTargets(transaction, next, decision.start, freezes, !isAnyProtected);
    events.push(...taken.map(takenEvent));
    started.push(...taken.flatMap(({ deployment }) => deployment ?? []));
    heads.push(...taken.flatMap(({ head }) => head ?? []));
    if (taken.some(({ deployment }) => deployment === null)) {
      touched.add(decision.start.wave);
      continue;
    }
    if (taken.length === 0 && sumCounts(waves).started === 0) {
      const standing = await findFreezeOverWave(transaction, row.id, decision.start.wave);
      next = { ...next, waiting: standing, look_at: new Date(now.getTime() + LOOK_AGAIN_MS) };
      if (standing !== null && json(standing) !== json(row.waiting)) {
        events.push({ type: 'waiting', data: { waitingFor: standing } });
      }
    }
    break;
  }
  if (isAnyProtected) {
    // Also of what has just been started: nobody moves the rollout for that once more.
    const { changed: turned, held } = await noteHeld(transaction, row.id);
    events.push(...turned.map(heldEvent));
    const waits =
      next.status === 'running' && next.waiting === null ? await waitsForHeld(transaction, row.id, held) : null;
    if (waits !== null) next = { ...next, waiting: waits };
    if (waits !== null && json(waits) !== json(row.waiting)) {
      events.push({ type: 'waiting', data: { waitingFor: waits } });
    }
  }
  const changed = await write(transaction, row, next, events);
  return { started, heads, cancelling: next.status === 'cancelling', changed };
}

/** Everything that is under way waits for an approval of its own, and nothing more can be started. */
async function waitsForHeld(
  transaction: Queryable,
  rolloutId: string,
  held: { readonly count: number; readonly targets: readonly string[] },
): Promise<RolloutWaitingFor | null> {
  if (held.count === 0) return null;
  const waves = await readWaves(transaction, rolloutId);
  if (held.count < sumCounts(waves).started) return null;
  const reason = 'Their deployments wait, each for its own approval: GET /v1/deployments?status=awaiting_approval.';
  return { kind: 'wave_approval', wave: null, ...held, reason };
}

/** A freeze over one of those that wait in a wave: asked when none of them could be started. */
async function findFreezeOverWave(
  transaction: Queryable,
  rolloutId: string,
  wave: number,
): Promise<WaitingForFreeze | null> {
  const { rows } = await transaction.query<{ freeze: WaitingForFreeze | null }>({
    name: 'find-freeze-over-wave',
    text: `SELECT ${freezeOver('m.target_id')} AS freeze FROM control_plane.rollout_targets m
      WHERE m.rollout_id = $1 AND m.wave = $2 AND m.state = 'pending' LIMIT 1`,
    values: [rolloutId, wave],
  });
  return rows[0]?.freeze ?? null;
}

function withFinished(row: RolloutRow, finished: readonly Finished[]): RolloutRow {
  let { failures, durations } = row;
  for (const { state, durationMs } of finished) {
    if (state === 'failed' || state === 'needs_attention') failures++;
    if (state === 'succeeded' && durationMs !== null) durations = addDuration(durations, durationMs);
  }
  return { ...row, failures, durations };
}

function withDecision(row: RolloutRow, decision: RolloutDecision, now: Date): RolloutRow {
  const { status, openWave, approvedWave, gateOpensAt, waitingFor, lookAt } = decision;
  if (status !== row.status && !rolloutMayGo(row.status, status)) {
    throw new Error(`A rollout that is ${row.status} cannot become ${status}.`);
  }
  const isRunning = status === 'running';
  const wasStopped = row.status === 'stopping' || row.status === 'stopped';
  const stops = (status === 'stopping' || status === 'stopped') && !wasStopped;
  const reason = waitingFor?.kind === 'resume' ? waitingFor.reason : 'More targets have failed than the budget allows.';
  return {
    ...row,
    status,
    ...(stops ? { status_reason: { by: null, at: now.toISOString(), reason } } : {}),
    open_wave: openWave,
    approved_wave: approvedWave,
    gate_opens_at: dateOf(gateOpensAt),
    waiting: waitingFor,
    look_at: dateOf(lookAt),
    started_at: row.started_at ?? (isRunning ? now : null),
    moving_since: isRunning ? (row.moving_since ?? now) : isAtRest(status) ? null : row.moving_since,
    finished_at: isRolloutFinal(status) ? (row.finished_at ?? now) : null,
  };
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** @returns false when there was nothing to be written */
async function write(
  transaction: Queryable,
  before: RolloutRow,
  row: RolloutRow,
  events: readonly NewRolloutEvent[],
): Promise<boolean> {
  if (events.length === 0 && json(before) === json(row)) return false;
  await transaction.query({
    name: 'write-rollout',
    text: `WITH r AS (
        UPDATE control_plane.rollouts SET status = $2, status_reason = $3, bundle_digest = $4, bundles = $5,
          open_wave = $6, promoted_wave = $7, gate_opens_at = $8, failures = $9, durations = $10, waiting = $11,
          look_at = $12, started_at = $13, finished_at = $14, moving_since = $15, approved_wave = $17,
          last_event = last_event + jsonb_array_length($16::jsonb)
        WHERE id = $1 RETURNING id, last_event - jsonb_array_length($16::jsonb) AS events_before
      ) INSERT INTO control_plane.rollout_events (rollout_id, number, type, data)
      SELECT r.id, r.events_before + e.place, e.event ->> 'type', e.event -> 'data'
      FROM r, jsonb_array_elements($16::jsonb) WITH ORDINALITY AS e (event, place) ORDER BY e.place`,
    values: [
      row.id,
      row.status,
      json(row.status_reason),
      row.bundle_digest,
      json(row.bundles),
      row.open_wave,
      row.promoted_wave,
      row.gate_opens_at,
      row.failures,
      json(row.durations),
      json(row.waiting),
      row.look_at,
      row.started_at,
      row.finished_at,
      row.moving_since,
      JSON.stringify(events),
      row.approved_wave,
    ],
  });
  return true;
}
