import type { ControlDatabase } from '../../database/control-database.ts';
import { notFrozen } from '../../freezes/freeze.ts';
import { TARGET_COLUMNS, type TargetConnection, type TargetRow, toTargetConnection } from '../../targets/target-row.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';
import { sourcesOf } from '../states.ts';

/** A deployment in a worker's hands. */
export interface Claim {
  readonly deployment: Deployment;
  readonly targetId: string;
  /** Every write of this worker names it. */
  readonly epoch: number;
  readonly attempt: number;
  /** Failed attempts before this one that counted. */
  readonly tries: number;
  /** Whom the last hand-back was waiting for, if it was for the target's lock. */
  readonly lockWait: { readonly holder: string; readonly since: string } | null;
  readonly traceParent: string | null;
  readonly target: TargetConnection;
}

interface ClaimRow extends DeploymentRow {
  attempt: number;
  tries: number;
  trace_parent: string | null;
  target: TargetRow;
}

/**
 * Takes a deployment in hand, if it is the head of its target's line and its time has come. One that was being
 * cancelled when its worker was lost is taken to be settled: its status stays `cancelling`.
 * @returns null when it is not to be had: final, another's, not the head, too early, or frozen
 */
export async function claimDeployment(
  { pool }: ControlDatabase,
  id: string,
  workerId: string,
  leaseMs: number,
): Promise<Claim | null> {
  const text = `WITH d AS (
      UPDATE control_plane.deployments d SET status = CASE d.status WHEN 'queued' THEN 'running' ELSE d.status END,
        epoch = d.epoch + 1, worker_id = $2, lease_expires_at = clock_timestamp() + $3 * interval '1 ms',
        attempt = d.attempt + CASE WHEN d.waiting ->> 'kind' = 'lock' THEN 0 ELSE 1 END,
        started_at = coalesce(d.started_at, clock_timestamp()), next_attempt_at = NULL, last_event = d.last_event + 1
      WHERE d.id = $1 AND (d.status = 'cancelling' AND d.worker_id IS NULL
        OR d.status = ANY ($4) AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= clock_timestamp())
        AND (d.dry_run OR ${notFrozen('d.target_id')})
        AND NOT EXISTS (SELECT FROM control_plane.deployments o
          WHERE o.target_id = d.target_id AND o.status IN ('running', 'cancelling'))
        AND NOT EXISTS (SELECT FROM control_plane.deployments o
          WHERE o.target_id = d.target_id AND o.status = 'queued'
            AND (o.priority > d.priority OR o.priority = d.priority AND o.seq < d.seq)))
      RETURNING d.*
    ), attempt AS (
      INSERT INTO control_plane.attempts (deployment_id, number, epoch, worker_id)
      SELECT d.id, d.attempt, d.epoch, d.worker_id FROM d
      ON CONFLICT (deployment_id, number) DO UPDATE
        SET epoch = excluded.epoch, worker_id = excluded.worker_id, outcome = NULL, finished_at = NULL
    ), event AS (
      INSERT INTO control_plane.events (deployment_id, number, type, data)
      SELECT d.id, d.last_event, 'started', jsonb_build_object('attempt', d.attempt, 'worker', d.worker_id) FROM d
    ) SELECT ${DEPLOYMENT_COLUMNS}, d.attempt, d.tries, d.trace_parent,
        (SELECT to_jsonb(t) FROM (SELECT ${TARGET_COLUMNS} FROM control_plane.targets t WHERE t.id = d.target_id) t) AS target
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
    tries: row.tries,
    lockWait: row.waiting?.kind === 'lock' ? row.waiting : null,
    traceParent: row.trace_parent,
    target: toTargetConnection(row.target),
  };
}
