import type { ControlDatabase } from '../../database/control-database.ts';

/**
 * Takes away deliveries that ended so long ago, all of webhooks that were removed, and what has waited for so long
 * for one that is switched off.
 * @returns how many; as many as `limit`: there may be more
 */
export async function dropDeliveries({ pool }: ControlDatabase, keptMs: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'drop-webhook-deliveries',
    text: `WITH ended AS MATERIALIZED (
        SELECT id FROM control_plane.webhook_deliveries WHERE finished_at < clock_timestamp() - $1 * interval '1 ms'
        ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
      ), orphaned AS MATERIALIZED (
        SELECT d.id FROM control_plane.webhooks w CROSS JOIN LATERAL (
          SELECT d.id FROM control_plane.webhook_deliveries d WHERE d.webhook_id = w.id AND (w.removed_at IS NOT NULL
            OR d.status = 'pending' AND d.created_at < clock_timestamp() - $1 * interval '1 ms')
          LIMIT $2 FOR UPDATE OF d SKIP LOCKED) d
        WHERE w.removed_at IS NOT NULL OR w.disabled IS NOT NULL LIMIT $2
      ) DELETE FROM control_plane.webhook_deliveries
        -- As an array, so that each is found by its id, whatever is thought of how many there are.
        WHERE id = ANY (ARRAY(SELECT id FROM ended UNION ALL SELECT id FROM orphaned))`,
    values: [keptMs, limit],
  });
  return rowCount ?? 0;
}
