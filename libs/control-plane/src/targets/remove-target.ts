import type { Actor } from '../audit/actor.ts';
import { lockAudit, writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../database/control-database.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from './labels.ts';

/**
 * Takes a target away: its name is free again and its secret gone, its history stays.
 * @returns false when there is none of that name that the caller may use
 * @throws ControlPlaneError target_in_use while deployments of it are not final
 */
export async function removeTarget(db: ControlDatabase, name: string, allowed: Labels, actor: Actor): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ id: string }>(
      `SELECT id FROM control_plane.targets WHERE name = $1 AND removed_at IS NULL AND labels @> $2 FOR NO KEY UPDATE`,
      [name, JSON.stringify(allowed)],
    );
    const target = rows[0];
    if (target === undefined) return false;
    await requireUnused(transaction, target.id, name);
    await transaction.query(
      `UPDATE control_plane.targets SET removed_at = clock_timestamp(), secret = NULL, secret_key_id = NULL WHERE id = $1`,
      [target.id],
    );
    await writeAudit(transaction, actor, { action: 'target.remove', subjectType: 'target', subject: name, detail: {} });
    return true;
  });
}

/**
 * Under the target's lock, which a deployment that is being entered takes before its audit row, and the log's: those that
 * came before are committed by then, and counted by a new statement; those that come later find no target.
 */
async function requireUnused(transaction: Queryable, targetId: string, name: string): Promise<void> {
  await lockAudit(transaction);
  const { rows } = await transaction.query<{ unfinished: number }>(
    `SELECT count(*)::integer AS unfinished FROM control_plane.deployments
     WHERE target_id = $1 AND status IN ('scheduled', 'queued', 'running', 'cancelling')
       -- Apart, each by its own index.
       OR target_name = $2 AND target_id = $1 AND status = 'awaiting_approval'`,
    [targetId, name],
  );
  const unfinished = rows[0]?.unfinished ?? 0;
  if (unfinished === 0) return;
  throw new ControlPlaneError(
    'target_in_use',
    `Target ${name} has ${unfinished} deployment${unfinished === 1 ? ' that is' : 's that are'} not final. It was not removed.`,
    'Wait for them or cancel them, then remove it.',
  );
}
