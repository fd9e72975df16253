import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from './labels.ts';

/**
 * Takes a target away: its name is free again and its secret gone, its history stays.
 * @returns false when there is none of that name that the caller may use
 * @throws ControlPlaneError target_in_use while deployments of it are not final
 */
export async function removeTarget(db: ControlDatabase, name: string, allowed: Labels, actor: Actor): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ id: string; unfinished: number }>(
      // FOR UPDATE first: an insert of a deployment waits for this row (its foreign key) and then finds it removed.
      `WITH t AS (SELECT id FROM control_plane.targets
                  WHERE name = $1 AND removed_at IS NULL AND labels @> $2 FOR UPDATE)
       SELECT t.id, (SELECT count(*)::integer FROM control_plane.deployments d WHERE d.target_id = t.id
         AND d.status IN ('scheduled', 'queued', 'running', 'cancelling')) AS unfinished FROM t`,
      [name, JSON.stringify(allowed)],
    );
    const target = rows[0];
    if (target === undefined) return false;
    if (target.unfinished > 0) {
      throw new ControlPlaneError(
        'target_in_use',
        `Target ${name} has ${target.unfinished} deployment${target.unfinished === 1 ? '' : 's'} that ${target.unfinished === 1 ? 'is' : 'are'} not final. It was not removed.`,
        'Wait for them or cancel them, then remove it.',
      );
    }
    await transaction.query(
      `UPDATE control_plane.targets SET removed_at = clock_timestamp(), secret = NULL, secret_key_id = NULL WHERE id = $1`,
      [target.id],
    );
    await writeAudit(transaction, actor, { action: 'target.remove', subjectType: 'target', subject: name, detail: {} });
    return true;
  });
}
