import type { Approval } from '../../approvals/approval.ts';
import { findWavePlan, type WavePlan } from '../../approvals/find-wave-plan.ts';
import { hasAskedForRollout } from '../../approvals/own-request.ts';
import type { Actor } from '../../audit/actor.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../../database/control-database.ts';
import { ownRequest } from '../../deployments/transitions/approve.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { Labels } from '../../targets/labels.ts';
import type { RolloutRow } from '../rollout-row.ts';
import { carryOn, lockRollout, type Moved } from './carry-on.ts';

/** Which wave of a rollout is approved, as it was shown. */
export interface ApproveWaveRequest {
  readonly rolloutId: string;
  /** The digest of the wave's plan that the approver was shown. */
  readonly plan: string;
  /** The wave that is meant, to be sure; null: the one that waits. */
  readonly wave: number | null;
  /** Labels that the targets must have in common for this caller to be allowed to use them; empty: any. */
  readonly allowed: Labels;
}

/**
 * Lets a wave of a rollout begin as it was shown: each of its deployments carries the approval, and its worker runs that
 * and nothing else. The same approval again changes nothing.
 * @returns null when there is no such rollout for the caller
 * @throws ControlPlaneError approval_not_awaited, approval_own_request, approval_plan_moved
 */
export async function approveWave(
  db: ControlDatabase,
  request: ApproveWaveRequest,
  actor: Actor,
): Promise<Moved | null> {
  const { rolloutId } = request;
  // Before the rollout is locked: it may take a while for thousands of targets, and what is kept is what was shown.
  const found = await findWavePlan(db, rolloutId, request.allowed);
  if (found === null) return null;
  const { rollout, wave } = found;
  if (wave === null) {
    if (await isApproved(db.pool, request, actor)) return { started: [], heads: [], cancelling: false, changed: false };
    throw notAwaited(rollout);
  }
  if (request.wave !== null && request.wave !== wave.wave) {
    throw notAwaited(rollout, `It waits for wave ${wave.wave}, not for wave ${request.wave}.`);
  }
  if (await hasAskedForRollout(db.pool, rolloutId, actor)) throw ownRequest(`rollout ${rolloutId}`, actor);
  if (wave.plan !== request.plan) throw planMoved(rolloutId);
  return inTransaction(db, async (transaction) => {
    const row = await lockRollout(transaction, rolloutId);
    if (row === null) return null;
    // Resumed with another bundle, cancelled, or approved at this very moment.
    if (row.bundle_digest !== wave.bundle || row.waiting?.kind !== 'wave_approval') throw planMoved(rolloutId);
    await keep(transaction, wave, actor);
    const detail = { wave: wave.wave, plan: wave.plan, bundle: wave.bundle, targets: wave.targets.length };
    await writeAudit(transaction, actor, {
      action: 'rollout.approve',
      subjectType: 'rollout',
      subject: rolloutId,
      detail: { ...detail, askedBy: row.created_by },
    });
    const approved = { type: 'approved', data: { by: actor.name, ...detail } };
    return carryOn(transaction, row, { row: {}, events: [approved], waves: [] });
  });
}

/** Asked for twice: the answer to the first time was lost on its way. */
async function isApproved(db: Queryable, { rolloutId, plan }: ApproveWaveRequest, { keyId }: Actor): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM control_plane.audit_log WHERE subject_type = 'rollout' AND subject = $1 AND action = 'rollout.approve'
       AND detail ->> 'plan' = $2 AND key_id IS NOT DISTINCT FROM $3 LIMIT 1`,
    [rolloutId, plan, keyId],
  );
  return rowCount === 1;
}

/** Each target keeps its own plan, for the deployment that it is given. */
async function keep(transaction: Queryable, { rolloutId, targets }: WavePlan, actor: Actor): Promise<void> {
  const at = new Date().toISOString();
  const approvals = targets.map(({ targetId, plan: { plan, address, basis, steps } }) => {
    const approval: Approval = { by: actor.name, keyId: actor.keyId, at, plan, address, basis, steps };
    return { targetId, approval };
  });
  await transaction.query(
    `UPDATE control_plane.rollout_targets m SET approval = a.approval
     FROM jsonb_to_recordset($2) AS a ("targetId" uuid, approval jsonb)
     WHERE m.rollout_id = $1 AND m.target_id = a."targetId" AND m.state = 'pending' AND m.approval IS NULL`,
    [rolloutId, JSON.stringify(approvals)],
  );
}

function notAwaited({ id, status }: RolloutRow, waits = `It is ${status}.`): ControlPlaneError {
  return new ControlPlaneError(
    'approval_not_awaited',
    `Rollout ${id} does not wait for that approval. ${waits} Nothing was changed.`,
    'Its waitingFor tells what it waits for; a single deployment of it that waits is approved by itself.',
  );
}

function planMoved(id: string): ControlPlaneError {
  return new ControlPlaneError(
    'approval_plan_moved',
    `What rollout ${id} would run is not what you were shown any more. Nothing was approved.`,
    `Look at it again (GET /v1/rollouts/${id}/approval, or \`postgres-manager rollout approve ${id}\`), and approve that if it is right.`,
  );
}
