import type { Approvable } from '../../approvals/find-approval-plan.ts';
import { findApprovable } from '../../approvals/find-approval-plan.ts';
import type { Approval } from '../../approvals/approval.ts';
import { hasAskedForRollout } from '../../approvals/own-request.ts';
import type { Actor } from '../../audit/actor.ts';
import { type ControlDatabase, inTransaction } from '../../database/control-database.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { Labels } from '../../targets/labels.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';

/** Who says yes to what. */
export interface ApproveRequest {
  readonly deploymentId: string;
  /** The digest of the plan that the approver was shown. */
  readonly plan: string;
  /** Labels that the target must have for this caller to be allowed to use it; empty: any target. */
  readonly allowed: Labels;
}

/**
 * Lets a deployment run as it was shown: it takes its place in the target's line by the order in which it was asked for,
 * or waits for its time. The same approval again changes nothing.
 * @returns null when there is no such deployment for the caller, or its target is not there any more
 * @throws ControlPlaneError approval_not_awaited, approval_own_request, approval_plan_moved
 */
export async function approveDeployment(
  db: ControlDatabase,
  { deploymentId, plan, allowed }: ApproveRequest,
  actor: Actor,
): Promise<Deployment | null> {
  const found = await findApprovable(db, deploymentId, allowed);
  if (found === null) return null;
  const { deployment } = found;
  if (deployment.approval?.plan === plan && deployment.approval.by === actor.name) return deployment;
  if (deployment.status !== 'awaiting_approval') throw notAwaited(deployment);
  const isOwn = found.askedBy !== null && found.askedBy === actor.keyId;
  if (isOwn || (deployment.rollout !== null && (await hasAskedForRollout(db.pool, deployment.rollout, actor)))) {
    throw ownRequest(`deployment ${deploymentId}`, actor);
  }
  if (found.plan.plan !== plan) throw planMoved(deploymentId);
  const approved = await write(db, found, actor);
  if (approved === null) throw planMoved(deploymentId);
  return approved;
}

/** Only as it was found: what was voided, cancelled or approved meanwhile is left alone. */
async function write(
  db: ControlDatabase,
  { deployment, plan, since }: Approvable,
  actor: Actor,
): Promise<Deployment | null> {
  const approval: Approval = {
    by: actor.name,
    keyId: actor.keyId,
    at: new Date().toISOString(),
    plan: plan.plan,
    address: plan.address,
    basis: plan.basis,
    steps: plan.steps,
  };
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<DeploymentRow>(
      `WITH d AS (
         UPDATE control_plane.deployments d SET approval = $2::jsonb - 'steps',
           approved_steps = $2::jsonb -> 'steps', waiting = NULL,
           last_event = d.last_event + 1,
           status = CASE WHEN d.not_before > clock_timestamp() THEN 'scheduled' ELSE 'queued' END
         WHERE d.id = $1 AND d.status = 'awaiting_approval' AND d.waiting ->> 'since' IS NOT DISTINCT FROM $3
         RETURNING d.*
       ), event AS (
         INSERT INTO control_plane.events (deployment_id, number, type, data)
         SELECT d.id, d.last_event, 'approved', jsonb_build_object('by', $4::text, 'plan', d.approval -> 'plan',
           'files', jsonb_array_length(d.approved_steps), 'basis', d.approval -> 'basis') FROM d
       ), audit AS (
         INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
         SELECT $4, $5, $6, 'deployment.approve', 'deployment', d.id::text, jsonb_build_object('target', d.target_name,
           'address', d.approval -> 'address', 'mode', d.mode, 'bundle', d.bundle_digest, 'plan', d.approval -> 'plan', 'basis', d.approval -> 'basis',
           'files', jsonb_array_length(d.approved_steps), 'askedBy', d.created_by) FROM d
       ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
      [deployment.id, JSON.stringify(approval), since, actor.name, actor.keyId, actor.requestId],
    );
    return rows[0] === undefined ? null : toDeployment(rows[0]);
  });
}

/** Approving or rejecting what waits for neither. */
export function notAwaited({ id, status }: Pick<Deployment, 'id' | 'status'>): ControlPlaneError {
  return new ControlPlaneError(
    'approval_not_awaited',
    `Deployment ${id} does not wait for an approval: it is ${status}. Nothing was changed.`,
    'GET /v1/deployments?status=awaiting_approval lists those that do.',
  );
}

/** Nobody says yes to what they asked for themselves. */
export function ownRequest(what: string, actor: Actor): ControlPlaneError {
  return new ControlPlaneError(
    'approval_own_request',
    `The key ${actor.name} asked for ${what} itself, so it cannot approve it. Nothing was changed.`,
    'Have somebody else look at it, with a key of the role approver of their own.',
  );
}

function planMoved(id: string): ControlPlaneError {
  return new ControlPlaneError(
    'approval_plan_moved',
    `What deployment ${id} would run is not what you were shown any more. Nothing was approved.`,
    `Look at it again (GET /v1/deployments/${id}/approval, or \`postgres-manager approve ${id}\`), and approve that if it is right.`,
  );
}
