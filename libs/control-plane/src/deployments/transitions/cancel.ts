import type { Actor } from '../../audit/actor.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import { againAfterDeadlock } from '../../database/deadlock.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';
import type { DeploymentFailure } from '../deployment-failure.ts';
import { noneRuns } from '../line.ts';
import { type DeploymentStatus, isFinal, sourcesOf } from '../states.ts';
import { notAwaited } from './approve.ts';
import { json } from './progress-writes.ts';

/**
 * Cancels what has not begun at once, and asks for the end of what runs: that is `cancelling` until its backend has
 * left the target. So is one that is queued again since its worker was lost, for a worker to settle: the run that was
 * given up on may go on in the target. While another of the target is being worked on it keeps its place, with the
 * request noted, and is settled in its turn. Asking twice is asking once.
 * @returns the deployment as it stands then; null when there is none of that id
 * @throws ControlPlaneError deployment_final
 */
export async function requestCancel(db: ControlDatabase, id: string, actor: Actor): Promise<Deployment | null> {
  const cancelled = await stop(db, id, actor, CANCEL);
  if (cancelled !== null) return cancelled;
  const found = await findRow(db, id);
  if (found === null || !isFinal(found.status)) return found;
  throw new ControlPlaneError(
    'deployment_final',
    `Deployment ${id} has ended already (${found.status}). Nothing was changed.`,
    'What it applied stays applied. To take a change back, write a new file and deploy that.',
  );
}

/**
 * Says no to what waits for an approval: it is cancelled, with the reason as its failure. Rejecting twice is rejecting once.
 * @returns the deployment as it stands then; null when there is none of that id
 * @throws ControlPlaneError approval_not_awaited
 */
export async function rejectDeployment(
  db: ControlDatabase,
  id: string,
  reason: string,
  actor: Actor,
): Promise<Deployment | null> {
  const rejected = await stop(db, id, actor, {
    action: 'deployment.reject',
    from: ['awaiting_approval'],
    failure: rejection(reason, actor),
  });
  if (rejected !== null) return rejected;
  const found = await findRow(db, id);
  if (found === null || found.failure?.code === 'approval_rejected') return found;
  throw notAwaited(found);
}

interface Stopping {
  readonly action: 'deployment.cancel' | 'deployment.reject';
  readonly from: readonly DeploymentStatus[];
  readonly failure: DeploymentFailure | null;
}

const CANCEL: Stopping = { action: 'deployment.cancel', from: sourcesOf('cancelled'), failure: null };

function rejection(reason: string, { name }: Actor): DeploymentFailure {
  return {
    file: null,
    line: null,
    column: null,
    sourceLine: null,
    sqlstate: null,
    code: 'approval_rejected',
    message: `${name} rejected it: ${reason}`,
    hint: 'Nothing of it is run any more. Talk to whoever rejected it; what is to be run then is a new deployment.',
  };
}

/** @returns null when it is in none of the statuses, or was asked before */
async function stop(db: ControlDatabase, id: string, actor: Actor, how: Stopping): Promise<Deployment | null> {
  try {
    return await againAfterDeadlock(() => stopOnce(db, id, actor, how));
  } catch (error) {
    // 23505 of deployments_one_runs: another of the target was taken in hand at this moment.
    if ((error as { code?: unknown }).code !== '23505') throw error;
    return await stopOnce(db, id, actor, how);
  }
}

async function findRow({ pool }: ControlDatabase, id: string): Promise<Deployment | null> {
  const { rows } = await pool.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d WHERE d.id = $1`,
    [id],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

/** The summary of a deployment `d` that ends between two attempts, from its steps. */
const SUMMARY_OF_STEPS = `(SELECT jsonb_build_object('result', 'failed', 'skipped', 0, 'baselined', 0, 'adopted', 0,
    'applied', coalesce(jsonb_agg(s.path ORDER BY s.position) FILTER (WHERE s.status = 'applied'), '[]'),
    'notStarted', coalesce(jsonb_agg(s.path ORDER BY s.position) FILTER (WHERE s.status <> 'applied'), '[]'),
    'failures', '[]'::jsonb)
  FROM control_plane.steps s WHERE s.deployment_id = d.id)`;

async function stopOnce(
  { pool }: ControlDatabase,
  id: string,
  actor: Actor,
  { action, from, failure }: Stopping,
): Promise<Deployment | null> {
  const { rows } = await pool.query<DeploymentRow>(
    `WITH found AS (
       SELECT d.id, d.status = 'running' OR d.status IN ('awaiting_approval', 'queued')
         AND EXISTS (SELECT FROM control_plane.attempts a WHERE a.deployment_id = d.id
           AND (a.outcome = 'lost' OR a.failure ->> 'code' = 'connection_lost')) AS may_run,
         d.status IN ('awaiting_approval', 'queued') AND NOT ${noneRuns('d.target_id')} AS has_to_wait
       FROM control_plane.deployments d
       WHERE d.id = $1 AND d.status = ANY ($5) AND d.cancel_requested_at IS NULL FOR NO KEY UPDATE
     ), d AS (
       UPDATE control_plane.deployments d SET
         status = CASE WHEN NOT found.may_run THEN 'cancelled'
           WHEN found.has_to_wait THEN 'queued' ELSE 'cancelling' END,
         -- An earlier attempt that was handed back may have applied files: what it did stays told.
         summary = CASE WHEN found.may_run OR d.attempt = 0 THEN d.summary ELSE ${SUMMARY_OF_STEPS} END,
         finished_at = CASE WHEN found.may_run THEN NULL ELSE clock_timestamp() END,
         cancel_requested_at = clock_timestamp(), cancel_requested_by = $2, waiting = NULL,
         failure = coalesce($7, d.failure),
         last_event = d.last_event + 1
       FROM found WHERE d.id = found.id RETURNING d.*
     ), step AS (
       UPDATE control_plane.steps s SET status = 'not_started' FROM d
       WHERE s.deployment_id = d.id AND d.status = 'cancelled' AND s.status IN ('planned', 'running')
     ), event AS (
       INSERT INTO control_plane.events (deployment_id, number, type, data)
       SELECT d.id, d.last_event, CASE d.status WHEN 'cancelled' THEN 'finished' ELSE 'cancel_requested' END,
         jsonb_build_object('status', d.status, 'by', $2::text)
           || CASE WHEN $7::jsonb IS NULL THEN '{}' ELSE jsonb_build_object('failure', $7::jsonb) END FROM d
     ), audit AS (
       INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
       SELECT $2, $3, $4, $6, 'deployment', d.id::text,
         jsonb_strip_nulls(jsonb_build_object('target', d.target_name, 'reason', $7::jsonb -> 'message')) FROM d
     ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
    [id, actor.name, actor.keyId, actor.requestId, from, action, json(failure)],
  );
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}
