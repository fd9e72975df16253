import type { Actor } from '../../audit/actor.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import { againAfterDeadlock } from '../../database/deadlock.ts';
import { ControlPlaneError } from '../../errors.ts';
import { type Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';
import { isFinal, sourcesOf } from '../states.ts';

/**
 * Cancels what has not begun at once, and asks for the end of what runs: that is `cancelling` until its backend has
 * left the target. So is one that is queued again since its worker was lost, for a worker to settle: the run that was
 * given up on may go on in the target. While another of the target is being worked on it keeps its place, with the
 * request noted, and is settled in its turn. Asking twice is asking once.
 * @returns the deployment as it stands then; null when there is none of that id
 * @throws ControlPlaneError deployment_final
 */
export async function requestCancel(db: ControlDatabase, id: string, actor: Actor): Promise<Deployment | null> {
  try {
    return await againAfterDeadlock(() => cancelOnce(db, id, actor));
  } catch (error) {
    // 23505 of deployments_one_runs: another of the target was taken in hand at this moment.
    if ((error as { code?: unknown }).code !== '23505') throw error;
    return await cancelOnce(db, id, actor);
  }
}

/** The summary of a deployment `d` that ends between two attempts, from its steps. */
const SUMMARY_OF_STEPS = `(SELECT jsonb_build_object('result', 'failed', 'skipped', 0, 'baselined', 0, 'adopted', 0,
    'applied', coalesce(jsonb_agg(s.path ORDER BY s.position) FILTER (WHERE s.status = 'applied'), '[]'),
    'notStarted', coalesce(jsonb_agg(s.path ORDER BY s.position) FILTER (WHERE s.status <> 'applied'), '[]'),
    'failures', '[]'::jsonb)
  FROM control_plane.steps s WHERE s.deployment_id = d.id)`;

async function cancelOnce({ pool }: ControlDatabase, id: string, actor: Actor): Promise<Deployment | null> {
  const { rows } = await pool.query<DeploymentRow>(
    `WITH found AS (
       SELECT d.id, d.status = 'running' OR d.status = 'queued'
         AND EXISTS (SELECT FROM control_plane.attempts a WHERE a.deployment_id = d.id
           AND (a.outcome = 'lost' OR a.failure ->> 'code' = 'connection_lost')) AS may_run,
         d.status = 'queued' AND EXISTS (SELECT FROM control_plane.deployments o
           WHERE o.target_id = d.target_id AND o.status IN ('running', 'cancelling')) AS has_to_wait
       FROM control_plane.deployments d
       WHERE d.id = $1 AND d.status = ANY ($5) AND d.cancel_requested_at IS NULL FOR NO KEY UPDATE
     ), d AS (
       UPDATE control_plane.deployments d SET
         status = CASE WHEN NOT found.may_run THEN 'cancelled' WHEN found.has_to_wait THEN d.status ELSE 'cancelling' END,
         -- An earlier attempt that was handed back may have applied files: what it did stays told.
         summary = CASE WHEN found.may_run OR d.attempt = 0 THEN d.summary ELSE ${SUMMARY_OF_STEPS} END,
         finished_at = CASE WHEN found.may_run THEN NULL ELSE clock_timestamp() END,
         cancel_requested_at = clock_timestamp(), cancel_requested_by = $2, waiting = NULL,
         last_event = d.last_event + 1
       FROM found WHERE d.id = found.id RETURNING d.*
     ), step AS (
       UPDATE control_plane.steps s SET status = 'not_started' FROM d
       WHERE s.deployment_id = d.id AND d.status = 'cancelled' AND s.status IN ('planned', 'running')
     ), event AS (
       INSERT INTO control_plane.events (deployment_id, number, type, data)
       SELECT d.id, d.last_event, CASE d.status WHEN 'cancelled' THEN 'finished' ELSE 'cancel_requested' END,
         jsonb_build_object('status', d.status, 'by', $2::text) FROM d
     ), audit AS (
       INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
       SELECT $2, $3, $4, 'deployment.cancel', 'deployment', d.id::text, jsonb_build_object('target', d.target_name) FROM d
     ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
    [id, actor.name, actor.keyId, actor.requestId, sourcesOf('cancelled')],
  );
  const changed = rows[0];
  if (changed !== undefined) return toDeployment(changed);
  const { rows: present } = await pool.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d WHERE d.id = $1`,
    [id],
  );
  const row = present[0];
  if (row === undefined) return null;
  if (!isFinal(row.status)) return toDeployment(row);
  throw new ControlPlaneError(
    'deployment_final',
    `Deployment ${id} has ended already (${row.status}). Nothing was changed.`,
    'What it applied stays applied. To take a change back, write a new file and deploy that.',
  );
}
