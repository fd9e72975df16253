import type { Actor } from '../audit/actor.ts';
import type { Queryable } from '../database/control-database.ts';

/** Whether this key made a rollout, or had it go on: with another bundle, or with what had failed. */
export async function hasAskedForRollout(db: Queryable, rolloutId: string, { keyId }: Actor): Promise<boolean> {
  if (keyId === null) return false;
  const { rowCount } = await db.query(
    `SELECT FROM control_plane.audit_log WHERE subject_type = 'rollout' AND subject = $1 AND key_id = $2
       AND action IN ('rollout.create', 'rollout.resume') LIMIT 1`,
    [rolloutId, keyId],
  );
  return rowCount === 1;
}
