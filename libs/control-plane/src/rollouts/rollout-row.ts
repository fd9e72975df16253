import type { Mode } from '@postgres-manager/sql-deploy';
import { iso } from '../deployments/deployment-row.ts';
import type { WaitingForFreeze } from '../freezes/freeze.ts';
import type { Labels } from '../targets/labels.ts';
import type { Between, RolloutStanding, RolloutWaitingFor, Unapproved } from './decide.ts';
import { type Durations, slowestTwentiethMs } from './durations.ts';
import type { WaveSelection } from './plan-waves.ts';
import type { Rollout, RolloutBundle, RolloutRequest, RolloutWave, StatusReason } from './rollout.ts';
import { ROLLOUT_TARGET_STATES, type RolloutStatus, type StateCounts, sumCounts } from './rollout-states.ts';
import type { Window } from './window.ts';

/**
 * A RolloutRow, from a row `r`. Named one by one: a prepared statement with a * fails once a newer process has added a
 * column.
 */
export const ROLLOUT_COLUMNS = `r.id, r.seq, r.mode, r.bundle_digest, r.bundles, r.dry_run, r.priority, r.status, r.status_reason, r.request,
  r.max_parallel, r.max_parallel_per_server, r.failure_budget, r.between_waves, r.not_before, r.run_window,
  r.target_count, r.common_labels, r.open_wave, r.promoted_wave, r.gate_opens_at, r.failures, r.durations,
  r.waiting, r.look_at, r.created_at, r.created_by, r.key_id, r.request_id, r.trace_parent, r.started_at,
  r.finished_at, r.moving_since, r.last_event, r.approved_wave`;

/** A WaveRow, from a row `w`. */
export const WAVE_COLUMNS = `w.rollout_id, w.number, w.selection, w.total, w.pending, w.started, w.succeeded, w.failed,
  w.needs_attention, w.cancelled, w.skipped, w.started_at, w.finished_at`;

/** A row of control_plane.rollouts. */
export interface RolloutRow {
  id: string;
  seq: string;
  mode: Mode;
  bundle_digest: string;
  bundles: RolloutBundle[];
  dry_run: boolean;
  priority: number;
  status: RolloutStatus;
  status_reason: StatusReason | null;
  request: RolloutRequest;
  max_parallel: number;
  max_parallel_per_server: number;
  failure_budget: number;
  between_waves: Between;
  not_before: Date | null;
  run_window: Window | null;
  target_count: number;
  common_labels: Labels;
  open_wave: number;
  promoted_wave: number;
  gate_opens_at: Date | null;
  failures: number;
  durations: Durations;
  waiting: RolloutWaitingFor | null;
  look_at: Date | null;
  created_at: Date;
  created_by: string;
  key_id: string | null;
  request_id: string | null;
  trace_parent: string | null;
  started_at: Date | null;
  finished_at: Date | null;
  moving_since: Date | null;
  last_event: number;
  approved_wave: number;
}

/** A row of control_plane.rollout_waves. */
export interface WaveRow extends StateCounts {
  rollout_id: string;
  number: number;
  selection: WaveSelection;
  total: number;
  started_at: Date | null;
  finished_at: Date | null;
}

export function countsOf(row: StateCounts): StateCounts {
  return Object.fromEntries(ROLLOUT_TARGET_STATES.map((state) => [state, row[state]])) as StateCounts;
}

export function toRollout(row: RolloutRow, waves: readonly WaveRow[]): Rollout {
  return {
    id: row.id,
    mode: row.mode,
    bundle: row.bundle_digest,
    dryRun: row.dry_run,
    priority: row.priority,
    status: row.status,
    reason: row.status_reason,
    waitingFor: row.waiting,
    request: row.request,
    maxParallel: row.max_parallel,
    maxParallelPerServer: row.max_parallel_per_server,
    failureBudget: row.failure_budget,
    failures: row.failures,
    between: row.between_waves,
    notBefore: iso(row.not_before),
    window: row.run_window,
    targets: row.target_count,
    wave: row.open_wave,
    waves: waves.map(toWave),
    counts: sumCounts(waves),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
    lastEvent: row.last_event,
  };
}

function toWave(row: WaveRow): RolloutWave {
  return {
    number: row.number,
    selection: row.selection,
    total: row.total,
    counts: countsOf(row),
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
  };
}

/** What its next step depends on. */
export function standingOf(
  row: RolloutRow,
  waves: readonly WaveRow[],
  freeze: WaitingForFreeze | null,
  unapproved: Unapproved | null,
): RolloutStanding {
  return {
    status: row.status,
    waves,
    openWave: row.open_wave,
    promotedWave: row.promoted_wave,
    gateOpensAt: row.gate_opens_at?.getTime() ?? null,
    between: row.between_waves,
    maxParallel: row.max_parallel,
    failureBudget: row.failure_budget,
    failures: row.failures,
    notBefore: row.not_before?.getTime() ?? null,
    window: row.run_window,
    slowestTwentiethMs: slowestTwentiethMs(row.durations),
    freeze,
    approvedWave: row.approved_wave,
    unapproved,
  };
}
