import type { ControlDatabase } from '../../database/control-database.ts';
import { protectionOver } from '../../protections/protection.ts';

/**
 * Takes a deployment out of its target's line when the target was protected after it was asked for, and nobody has
 * approved it: it waits for that, and holds up nobody.
 * @returns whether it does
 */
export async function holdForApproval({ pool }: ControlDatabase, id: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'hold-for-approval',
    text: `WITH found AS (
        SELECT d.id, ${protectionOver('d.target_id')} AS protection FROM control_plane.deployments d
        WHERE d.id = $1 AND d.status = 'queued' AND d.approval IS NULL AND NOT d.dry_run
          AND d.cancel_requested_at IS NULL FOR NO KEY UPDATE
      ), d AS (
        UPDATE control_plane.deployments d SET status = 'awaiting_approval', waiting = found.protection,
          next_attempt_at = NULL, last_event = d.last_event + 1
        FROM found WHERE d.id = found.id AND found.protection IS NOT NULL RETURNING d.id, d.last_event, d.waiting
      ), event AS (
        INSERT INTO control_plane.events (deployment_id, number, type, data)
        SELECT d.id, d.last_event, 'awaiting_approval', jsonb_build_object('waitingFor', d.waiting) FROM d
      ) SELECT FROM d`,
    values: [id],
  });
  return rowCount === 1;
}
