import type { ControlDatabase } from '../../database/control-database.ts';
import { sourcesOf } from '../states.ts';

/**
 * Makes those scheduled deployments queued whose time has come.
 * @returns their ids
 */
export async function queueDue({ pool }: ControlDatabase, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `WITH d AS (
       UPDATE control_plane.deployments SET status = 'queued', last_event = last_event + 1
       WHERE id IN (SELECT id FROM control_plane.deployments WHERE status = ANY ($2) AND not_before <= clock_timestamp()
                    ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id, last_event
     ), event AS (
       INSERT INTO control_plane.events (deployment_id, number, type) SELECT d.id, d.last_event, 'queued' FROM d
     ) SELECT id FROM d`,
    [limit, sourcesOf('queued').filter((status) => status === 'scheduled')],
  );
  return rows.map((row) => row.id);
}
