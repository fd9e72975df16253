import { type Departure, departureText } from '../../approvals/approval.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import { protectionOver } from '../../protections/protection.ts';
import {
  BACKEND_COLUMNS,
  type Held,
  leaseLost,
  type Progress,
  PROGRESS_WRITES,
  progressValues,
} from './progress-writes.ts';

/** A worker found that what it was to run is not what was approved. It has run nothing since. */
export interface VoidedApproval {
  readonly departure: Departure;
  readonly lockWaitMs: number;
  readonly progress: Progress;
}

const MOST_NAMED = 20;

/** Of a protection that stands no more, what an approval is waited for all the same. */
const NONE_STANDS = `jsonb_build_object('kind', 'approval', 'protection', NULL, 'by', NULL,
  'reason', 'It was approved once, and is run as approved or not at all.',
  'since', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;

/**
 * Gives a running deployment back, to wait for another approval: with the plan that the worker made among its steps, an
 * event that tells what departs, and an audit row.
 * @returns false when it was cancelled meanwhile: then it is still in this worker's hands, to be ended
 * @throws ControlPlaneError lease_lost when it no longer is
 */
export async function voidApproval(
  { pool }: ControlDatabase,
  held: Held,
  { departure, lockWaitMs, progress }: VoidedApproval,
): Promise<boolean> {
  const told = {
    notApproved: departure.notApproved.slice(0, MOST_NAMED),
    notPlanned: departure.notPlanned.slice(0, MOST_NAMED),
    address: departure.address,
  };
  const events = [...progress.events, { at: new Date().toISOString(), type: 'approval_voided', data: told }];
  const { rowCount } = await pool.query({
    name: 'void-approval',
    text: `WITH before AS (
        SELECT d.id, d.approval, coalesce(${protectionOver('d.target_id')}, ${NONE_STANDS}) AS waiting
        FROM control_plane.deployments d WHERE d.id = $1
      ), mine AS (
        UPDATE control_plane.deployments d SET status = 'awaiting_approval', approval = NULL,
          approved_steps = NULL, worker_id = NULL,
          lease_expires_at = NULL, next_attempt_at = NULL,
          waiting = before.waiting || jsonb_build_object('voided', $7::text),
          last_event = d.last_event + jsonb_array_length($4::jsonb)
        FROM before WHERE d.id = before.id AND d.epoch = $2 AND d.status = 'running'
        RETURNING d.id, d.attempt, d.target_name, d.bundle_digest, before.approval,
          d.last_event - jsonb_array_length($4::jsonb) AS events_before
      ), ${PROGRESS_WRITES}, attempt AS (
        UPDATE control_plane.attempts a SET finished_at = clock_timestamp(), outcome = 'handed_back',
          lock_wait_ms = a.lock_wait_ms + $8, ${BACKEND_COLUMNS}
        FROM mine WHERE a.deployment_id = mine.id AND a.number = mine.attempt
      ), audit AS (
        INSERT INTO control_plane.audit_log (actor, action, subject_type, subject, detail)
        SELECT 'worker', 'deployment.approval_void', 'deployment', mine.id::text, jsonb_build_object(
          'target', mine.target_name, 'bundle', mine.bundle_digest, 'approvedBy', mine.approval -> 'by',
          'plan', mine.approval -> 'plan', 'departs', $9::jsonb) FROM mine
      ) SELECT FROM mine`,
    values: [
      held.id,
      held.epoch,
      ...progressValues({ ...progress, events }),
      departureText(departure),
      Math.round(lockWaitMs),
      JSON.stringify(told),
    ],
  });
  if (rowCount === 1) return true;
  const { rowCount: cancelling } = await pool.query(
    `SELECT FROM control_plane.deployments WHERE id = $1 AND epoch = $2 AND status = 'cancelling'`,
    [held.id, held.epoch],
  );
  if (cancelling === 0) throw leaseLost(held);
  return false;
}
