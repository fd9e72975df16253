import { type ControlDatabase, inTransaction } from '../../database/control-database.ts';
import { carryOn, lockRollout, type Moved } from './carry-on.ts';

/**
 * Moves a rollout on by what has ended and what time it is. However many see the same moment, one moves it: the others
 * wait for the row, and find nothing left to do.
 */
export async function moveRollout(db: ControlDatabase, id: string): Promise<Moved> {
  return inTransaction(db, async (transaction) => {
    const row = await lockRollout(transaction, id);
    if (row === null) return { started: [], heads: [], cancelling: false, changed: false };
    return carryOn(transaction, row);
  });
}

/** Rollouts that wait for a freeze to be lifted. */
export async function findFrozenRollouts({ pool }: ControlDatabase, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM control_plane.rollouts WHERE look_at IS NOT NULL AND waiting ->> 'kind' = 'freeze' LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Rollouts that wait for an approval before a wave. */
export async function findAwaitingRollouts({ pool }: ControlDatabase, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM control_plane.rollouts WHERE status = 'awaiting_approval' LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** Rollouts that may have to be moved though nobody told: what ended was not noted, or their time has come. */
export async function findRolloutsToMove({ pool }: ControlDatabase, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-rollouts-to-move',
    text: `SELECT id FROM (
        (SELECT id FROM control_plane.rollouts WHERE look_at <= clock_timestamp() ORDER BY look_at LIMIT $1)
        UNION (SELECT DISTINCT rollout_id FROM control_plane.rollout_targets WHERE NOT noted LIMIT $1)) found LIMIT $1`,
    values: [limit],
  });
  return rows.map(({ id }) => id);
}
