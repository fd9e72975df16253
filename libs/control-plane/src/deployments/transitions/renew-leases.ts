import type { ControlDatabase } from '../../database/control-database.ts';
import type { Held } from './progress-writes.ts';

/** What a worker still holds, and whether it is to be cancelled. */
export interface Renewed {
  readonly id: string;
  readonly cancelling: boolean;
}

/**
 * Renews the leases of all a worker holds, in one statement.
 * @returns those that are still its own: what is missing has been given to another, and its run must stop at once
 */
export async function renewLeases(
  { pool }: ControlDatabase,
  held: readonly Held[],
  leaseMs: number,
): Promise<Renewed[]> {
  const { rows } = await pool.query<{ id: string; status: string }>({
    name: 'renew-leases',
    text: `UPDATE control_plane.deployments d SET lease_expires_at = clock_timestamp() + $3 * interval '1 ms'
      FROM unnest($1::uuid[], $2::integer[]) AS h (id, epoch)
      WHERE d.id = h.id AND d.epoch = h.epoch AND d.status IN ('running', 'cancelling')
      RETURNING d.id, d.status`,
    values: [held.map(({ id }) => id), held.map(({ epoch }) => epoch), leaseMs],
  });
  return rows.map((row) => ({ id: row.id, cancelling: row.status === 'cancelling' }));
}
