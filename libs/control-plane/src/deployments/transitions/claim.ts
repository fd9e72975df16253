import type { Approval } from '../../approvals/approval.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import { notFrozen } from '../../freezes/freeze.ts';
import { notProtected } from '../../protections/protection.ts';
import { TARGET_COLUMNS, type TargetConnection, type TargetRow, toTargetConnection } from '../../targets/target-row.ts';
import type { Deployment } from '../deployment.ts';
import { headOfLine, noneRuns } from '../line.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';
import type { StoredResolution } from '../resolution.ts';
import { sourcesOf } from '../states.ts';

/** How far the runs of one deployment had come when this one was taken in hand. */
export interface EarlierRun {
  readonly deploymentId: string;
  /** Of the latest run. */
  readonly epoch: number;
  /** That one is in a worker's hands. */
  readonly isHeld: boolean;
}

/** A deployment in a worker's hands. */
export interface Claim {
  readonly deployment: Deployment;
  readonly targetId: string;
  /** Every write of this worker names it. */
  readonly epoch: number;
  readonly attempt: number;
  /** The number of its latest event: `recordProgress` goes on from there. */
  readonly lastEvent: number;
  /** Failed attempts before this one that counted. */
  readonly tries: number;
  /** Whom the last hand-back was waiting for, if it was for the target's lock. */
  readonly lockWait: { readonly holder: string; readonly since: string } | null;
  /** A person's answer that is to be entered in the target's ledger first. */
  readonly resolution: StoredResolution | null;
  /** What it may run, and nothing else; null: no approval was needed. */
  readonly approval: Approval | null;
  readonly traceParent: string | null;
  readonly target: TargetConnection;
  /** A ledger with files in it was seen there. */
  readonly hasLedger: boolean;
  /**
   * The deployments of the target that were ever in a worker's hands, the newest first: by them a worker tells whether
   * a run that it meets on the target was given up on.
   */
  readonly earlierRuns: readonly EarlierRun[];
}

interface ClaimRow extends DeploymentRow {
  attempt: number;
  last_event: number;
  tries: number;
  trace_parent: string | null;
  approved: Approval | null;
  target: TargetRow;
  has_ledger: boolean;
  earlier_runs: EarlierRun[];
}

/** A backend of a run older than these is long gone. */
const MOST_EARLIER_RUNS = 200;

/**
 * Takes a deployment in hand, if it is the head of its target's line and its time has come. One that was cancelled when
 * its worker was lost, or since, is taken to be settled: its status stays `cancelling`, or becomes so.
 * @returns null when it is not to be had: final, another's, not the head, too early, frozen, or in need of an approval:
 * `holdForApproval` then has it wait for that
 */
export async function claimDeployment(
  { pool }: ControlDatabase,
  id: string,
  workerId: string,
  leaseMs: number,
): Promise<Claim | null> {
  const text = `WITH d AS (
      UPDATE control_plane.deployments d SET
        status = CASE WHEN d.cancel_requested_at IS NULL THEN 'running' ELSE 'cancelling' END,
        epoch = d.epoch + 1, plan_check = d.epoch + 1, worker_id = $2, lease_expires_at = clock_timestamp() + $3 * interval '1 ms',
        attempt = d.attempt + CASE WHEN d.waiting ->> 'kind' = 'lock' THEN 0 ELSE 1 END,
        started_at = coalesce(d.started_at, clock_timestamp()), next_attempt_at = NULL, last_event = d.last_event + 1
      WHERE d.id = $1 AND (d.status = 'cancelling' AND d.worker_id IS NULL
        OR d.status = ANY ($4) AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= clock_timestamp())
        AND (d.dry_run OR d.cancel_requested_at IS NOT NULL OR ${notFrozen('d.target_id')}
          AND (d.approval IS NOT NULL OR ${notProtected('d.target_id')}))
        AND ${noneRuns('d.target_id')}
        AND coalesce(${headOfLine('d.target_id', '(o.priority < d.priority OR o.priority = d.priority AND o.seq >= d.seq)')}, true))
      RETURNING d.*
    ), attempt AS (
      INSERT INTO control_plane.attempts (deployment_id, number, epoch, worker_id)
      SELECT d.id, d.attempt, d.epoch, d.worker_id FROM d
      ON CONFLICT (deployment_id, number) DO UPDATE
        SET epoch = excluded.epoch, worker_id = excluded.worker_id, outcome = NULL, finished_at = NULL
    ), event AS (
      INSERT INTO control_plane.events (deployment_id, number, type, data)
      SELECT d.id, d.last_event, 'started', jsonb_build_object('attempt', d.attempt, 'worker', d.worker_id) FROM d
    ) SELECT ${DEPLOYMENT_COLUMNS}, d.attempt, d.last_event, d.tries, d.trace_parent,
        d.approval || jsonb_build_object('steps', d.approved_steps) AS approved,
        (SELECT to_jsonb(t) FROM (SELECT ${TARGET_COLUMNS} FROM control_plane.targets t WHERE t.id = d.target_id) t) AS target,
        EXISTS (SELECT FROM control_plane.target_ledgers l WHERE l.target_id = d.target_id AND l.applied > 0) AS has_ledger,
        (SELECT coalesce(jsonb_agg(e.run), '[]') FROM (
          SELECT jsonb_build_object('deploymentId', o.id, 'epoch', o.epoch,
            'isHeld', o.status IN ('running', 'cancelling')) AS run
          FROM control_plane.deployments o
          -- By the name, which has the index; by the id, since the name may have been another target's.
          WHERE o.target_name = d.target_name AND o.target_id = d.target_id AND o.id <> d.id AND o.epoch > 0
          ORDER BY o.created_at DESC, o.seq DESC LIMIT ${MOST_EARLIER_RUNS}) e) AS earlier_runs
      FROM d`;
  try {
    const { rows } = await pool.query<ClaimRow>({
      name: 'claim-deployment',
      text,
      values: [id, workerId, leaseMs, sourcesOf('running')],
    });
    return rows[0] === undefined ? null : toClaim(rows[0]);
  } catch (error) {
    // 23505 of deployments_one_runs: another worker took another of the same target at the same moment.
    if ((error as { code?: unknown }).code === '23505') return null;
    throw error;
  }
}

function toClaim(row: ClaimRow): Claim {
  return {
    deployment: toDeployment(row),
    targetId: row.target_id,
    epoch: row.epoch,
    attempt: row.attempt,
    lastEvent: row.last_event,
    tries: row.tries,
    lockWait: row.waiting?.kind === 'lock' ? row.waiting : null,
    resolution: row.resolution,
    approval: row.approved,
    traceParent: row.trace_parent,
    target: toTargetConnection(row.target),
    hasLedger: row.has_ledger,
    earlierRuns: row.earlier_runs,
  };
}
