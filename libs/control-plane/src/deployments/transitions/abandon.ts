import type { ControlDatabase } from '../../database/control-database.ts';

/** A deployment that was taken from a worker of which nothing was heard. */
export interface Abandoned {
  readonly id: string;
  readonly targetId: string;
}

/**
 * Takes deployments from workers whose lease has run out: the epoch goes up, so that nothing they still write finds
 * its row. What ran is queued again, at the head of its line; what was being cancelled stays so, for a worker to settle.
 */
export async function abandonExpired({ pool }: ControlDatabase, limit: number): Promise<Abandoned[]> {
  const { rows } = await pool.query<{ id: string; target_id: string }>(
    `WITH lost AS (
       SELECT id, worker_id FROM control_plane.deployments
       WHERE status IN ('running', 'cancelling') AND worker_id IS NOT NULL AND lease_expires_at < clock_timestamp()
       ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED
     ), d AS (
       UPDATE control_plane.deployments d SET status = CASE d.status WHEN 'running' THEN 'queued' ELSE d.status END,
         epoch = d.epoch + 1, worker_id = NULL, lease_expires_at = NULL, waiting = NULL, last_event = d.last_event + 1
       FROM lost WHERE d.id = lost.id
       RETURNING d.id, d.target_id, d.attempt, d.last_event, lost.worker_id
     ), attempt AS (
       UPDATE control_plane.attempts a SET finished_at = clock_timestamp(), outcome = 'lost'
       FROM d WHERE a.deployment_id = d.id AND a.number = d.attempt
     ), event AS (
       INSERT INTO control_plane.events (deployment_id, number, type, data)
       SELECT d.id, d.last_event, 'worker_lost', jsonb_build_object('worker', d.worker_id) FROM d
     ) SELECT id, target_id FROM d`,
    [limit],
  );
  return rows.map((row) => ({ id: row.id, targetId: row.target_id }));
}
