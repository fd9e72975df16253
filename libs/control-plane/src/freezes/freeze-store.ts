import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import { iso } from '../deployments/deployment-row.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from '../targets/labels.ts';
import type { Freeze } from './freeze.ts';

interface FreezeRow {
  id: string;
  labels: Labels;
  reason: string;
  created_at: Date;
  created_by: string;
  lifted_at: Date | null;
  lifted_by: string | null;
}

/** Lets nothing more start on targets with these labels, from the commit on. */
export async function createFreeze(
  db: ControlDatabase,
  wanted: { readonly labels: Labels; readonly reason: string },
  actor: Actor,
): Promise<Freeze> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<FreezeRow>(
      'INSERT INTO control_plane.freezes (labels, reason, created_by) VALUES ($1, $2, $3) RETURNING *',
      [JSON.stringify(wanted.labels), wanted.reason, actor.name],
    );
    const freeze = toFreeze(rows[0] as FreezeRow);
    await writeAudit(transaction, actor, {
      action: 'freeze.create',
      subjectType: 'freeze',
      subject: freeze.id,
      detail: { labels: freeze.labels, reason: freeze.reason },
    });
    return freeze;
  });
}

/**
 * Lets what was frozen start again. Lifting twice is lifting once.
 * @throws ControlPlaneError freeze_unknown, also for one that concerns targets that the caller may not use
 */
export async function liftFreeze(db: ControlDatabase, id: string, allowed: Labels, actor: Actor): Promise<Freeze> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<FreezeRow>(
      'SELECT * FROM control_plane.freezes WHERE id = $1 AND labels @> $2 FOR UPDATE',
      [id, JSON.stringify(allowed)],
    );
    const row = rows[0];
    if (row === undefined) {
      throw new ControlPlaneError(
        'freeze_unknown',
        `There is no freeze ${id} that this key may lift. Nothing was changed.`,
        'GET /v1/freezes lists those that stand.',
      );
    }
    if (row.lifted_at !== null) return toFreeze(row);
    const { rows: lifted } = await transaction.query<FreezeRow>(
      'UPDATE control_plane.freezes SET lifted_at = clock_timestamp(), lifted_by = $2 WHERE id = $1 RETURNING *',
      [id, actor.name],
    );
    await writeAudit(transaction, actor, {
      action: 'freeze.lift',
      subjectType: 'freeze',
      subject: id,
      detail: { labels: row.labels, reason: row.reason },
    });
    return toFreeze(lifted[0] as FreezeRow);
  });
}

const MOST_LISTED = 200;

/** Freezes, those that stand first, newest first. Everybody may see them: they tell why something waits. */
export async function listFreezes({ pool }: ControlDatabase, onlyStanding: boolean): Promise<Freeze[]> {
  const { rows } = await pool.query<FreezeRow>(
    `SELECT * FROM control_plane.freezes WHERE NOT $1 OR lifted_at IS NULL
     ORDER BY lifted_at IS NOT NULL, created_at DESC LIMIT $2`,
    [onlyStanding, MOST_LISTED],
  );
  return rows.map(toFreeze);
}

function toFreeze(row: FreezeRow): Freeze {
  return {
    id: row.id,
    labels: row.labels,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    liftedAt: iso(row.lifted_at),
    liftedBy: row.lifted_by,
  };
}
