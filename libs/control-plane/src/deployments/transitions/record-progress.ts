import type { ControlDatabase } from '../../database/control-database.ts';
import {
  BACKEND_COLUMNS,
  type Held,
  leaseLost,
  type Progress,
  PROGRESS_WRITES,
  progressValues,
} from './progress-writes.ts';

/**
 * Writes down how a run goes.
 * @throws ControlPlaneError lease_lost
 */
export async function recordProgress({ pool }: ControlDatabase, held: Held, progress: Progress): Promise<void> {
  const { rowCount } = await pool.query({
    name: 'record-progress',
    text: `WITH mine AS (
        UPDATE control_plane.deployments SET last_event = last_event + jsonb_array_length($4::jsonb)
        WHERE id = $1 AND epoch = $2 AND status IN ('running', 'cancelling')
        RETURNING id, attempt, last_event - jsonb_array_length($4::jsonb) AS events_before
      ), ${PROGRESS_WRITES}, backend AS (
        UPDATE control_plane.attempts a SET ${BACKEND_COLUMNS} FROM mine
        WHERE a.deployment_id = mine.id AND a.number = mine.attempt AND ($5::integer IS NOT NULL OR $6::text IS NOT NULL)
      ) SELECT FROM mine`,
    values: [held.id, held.epoch, ...progressValues(progress)],
  });
  if (rowCount === 0) throw leaseLost(held);
}
