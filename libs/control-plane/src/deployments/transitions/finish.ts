import type { ControlDatabase } from '../../database/control-database.ts';
import type { Summary } from '../deployment.ts';
import type { DeploymentFailure } from '../deployment-failure.ts';
import { type DeploymentStatus, type FinalStatus, sourcesOf } from '../states.ts';
import {
  BACKEND_COLUMNS,
  type Held,
  json,
  leaseLost,
  type Progress,
  PROGRESS_WRITES,
  progressValues,
} from './progress-writes.ts';
import { seenWrites, type TargetSeen } from './target-seen.ts';

/** How a deployment ends. */
export interface Ending {
  readonly status: FinalStatus;
  readonly summary: Summary | null;
  readonly failure: DeploymentFailure | null;
  readonly lockWaitMs: number;
  readonly progress: Progress;
  /** Null when the target was not reached. */
  readonly seen: TargetSeen | null;
}

/** What is in a worker's hands. One that was handed back has left them, though its epoch is still the same. */
const HELD: readonly DeploymentStatus[] = ['running', 'cancelling'];

/**
 * Ends a deployment, with everything there still is to tell. Ending it once more, since the answer to the first time
 * was lost on its way, changes nothing.
 * @throws ControlPlaneError lease_lost
 */
export async function finishDeployment({ pool }: ControlDatabase, held: Held, ending: Ending): Promise<void> {
  // The last of its events, also in the order over all deployments: so it goes in with the others.
  const finished = {
    at: new Date().toISOString(),
    type: 'finished',
    data: { status: ending.status, failure: ending.failure },
  };
  const progress = { ...ending.progress, events: [...ending.progress.events, finished] };
  const { rowCount } = await pool.query({
    name: 'finish-deployment',
    text: `WITH mine AS (
        UPDATE control_plane.deployments SET status = $7, summary = $8, failure = $9, finished_at = clock_timestamp(),
          worker_id = NULL, lease_expires_at = NULL, waiting = NULL,
          last_event = last_event + jsonb_array_length($4::jsonb)
        WHERE id = $1 AND epoch = $2 AND status = ANY ($10)
        RETURNING id, attempt, target_id, last_event - jsonb_array_length($4::jsonb) AS events_before
      ), ${PROGRESS_WRITES}, attempt AS (
        UPDATE control_plane.attempts a SET finished_at = clock_timestamp(), outcome = $7, failure = $9,
          lock_wait_ms = a.lock_wait_ms + $11, ${BACKEND_COLUMNS}
        FROM mine WHERE a.deployment_id = mine.id AND a.number = mine.attempt
      ), ${seenWrites('$12')} SELECT FROM mine`,
    values: [
      held.id,
      held.epoch,
      ...progressValues(progress),
      ending.status,
      json(ending.summary),
      json(ending.failure),
      sourcesOf(ending.status).filter((status) => HELD.includes(status)),
      Math.round(ending.lockWaitMs),
      json(ending.seen),
    ],
  });
  if (rowCount === 0 && !(await isEndedBy(pool, held, ending.status))) throw leaseLost(held);
}

/** Under this epoch nobody else could have ended it. */
async function isEndedBy(pool: ControlDatabase['pool'], held: Held, status: FinalStatus): Promise<boolean> {
  const { rowCount } = await pool.query(
    'SELECT FROM control_plane.deployments WHERE id = $1 AND epoch = $2 AND status = $3 AND started_at IS NOT NULL',
    [held.id, held.epoch, status],
  );
  return rowCount === 1;
}
