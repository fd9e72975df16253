import type { ControlDatabase } from '../../database/control-database.ts';
import type { AttemptOutcome } from '../deployment.ts';
import type { DeploymentFailure } from '../deployment-failure.ts';
import { sourcesOf } from '../states.ts';
import type { Standing } from '../waiting-for.ts';
import {
  BACKEND_COLUMNS,
  type Held,
  json,
  leaseLost,
  type Progress,
  PROGRESS_WRITES,
  progressValues,
} from './progress-writes.ts';

/** Why a worker gives a deployment back to the line, at whose head it stays. */
export interface HandBack {
  /** waiting: the target's lock is another's; retry: what failed may pass; handed_back: the worker stops. */
  readonly outcome: Extract<AttemptOutcome, 'waiting' | 'retry' | 'handed_back'>;
  /** When it may be taken in hand again, in ms from now. */
  readonly delayMs: number;
  readonly waiting: Standing['waiting'];
  readonly failure: DeploymentFailure | null;
  readonly lockWaitMs: number;
  readonly progress: Progress;
}

/**
 * Gives a running deployment back, queued.
 * @returns false when it was cancelled meanwhile: then it is still in this worker's hands, to be ended
 * @throws ControlPlaneError lease_lost when it no longer is; also where it was handed back before, and the answer to
 * that was lost on its way
 */
export async function handBackDeployment({ pool }: ControlDatabase, held: Held, handBack: HandBack): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'hand-back-deployment',
    text: `WITH mine AS (
        UPDATE control_plane.deployments SET status = 'queued', worker_id = NULL, lease_expires_at = NULL, waiting = $9,
          next_attempt_at = clock_timestamp() + $8 * interval '1 ms',
          tries = tries + CASE $7 WHEN 'retry' THEN 1 ELSE 0 END,
          last_event = last_event + jsonb_array_length($4::jsonb)
        WHERE id = $1 AND epoch = $2 AND status = ANY ($12)
        RETURNING id, attempt, last_event - jsonb_array_length($4::jsonb) AS events_before
      ), ${PROGRESS_WRITES}, attempt AS (
        UPDATE control_plane.attempts a SET finished_at = clock_timestamp(), outcome = $7, failure = $10,
          lock_wait_ms = a.lock_wait_ms + $11, ${BACKEND_COLUMNS}
        FROM mine WHERE a.deployment_id = mine.id AND a.number = mine.attempt
      ) SELECT FROM mine`,
    values: [
      held.id,
      held.epoch,
      ...progressValues(handBack.progress),
      handBack.outcome,
      Math.round(handBack.delayMs),
      json(handBack.waiting),
      json(handBack.failure),
      Math.round(handBack.lockWaitMs),
      sourcesOf('queued').filter((status) => status === 'running'),
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
