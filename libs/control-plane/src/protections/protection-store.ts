import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import { iso } from '../deployments/deployment-row.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from '../targets/labels.ts';
import type { Protection } from './protection.ts';

interface ProtectionRow {
  id: string;
  labels: Labels | null;
  target_name: string | null;
  reason: string;
  created_at: Date;
  created_by: string;
  lifted_at: Date | null;
  lifted_by: string | null;
}

const COLUMNS = 'p.id, p.labels, p.target_name, p.reason, p.created_at, p.created_by, p.lifted_at, p.lifted_by';

/** What is to be protected: the target of a name, or those with all of these labels. */
export type Protected =
  | { readonly labels: Labels; readonly target: null }
  | { readonly labels: null; readonly target: string };

/** Lets nothing more be run there without an approval, from the commit on. What runs goes on. */
export async function createProtection(
  db: ControlDatabase,
  wanted: Protected & { readonly reason: string },
  actor: Actor,
): Promise<Protection> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<ProtectionRow>(
      `INSERT INTO control_plane.protections AS p (labels, target_name, reason, created_by) VALUES ($1, $2, $3, $4)
       RETURNING ${COLUMNS}`,
      [wanted.labels === null ? null : JSON.stringify(wanted.labels), wanted.target, wanted.reason, actor.name],
    );
    const protection = toProtection(rows[0] as ProtectionRow);
    const { labels, target, reason } = protection;
    await writeAudit(transaction, actor, {
      action: 'protection.create',
      subjectType: 'protection',
      subject: protection.id,
      detail: { labels, target, reason },
    });
    return protection;
  });
}

/** A protection `p` that concerns only targets which a caller with the labels $n may use. */
const WITHIN = (allowed: string): string => `(${allowed}::jsonb = '{}' OR p.labels @> ${allowed}
  OR EXISTS (SELECT FROM control_plane.targets t WHERE t.name = p.target_name AND t.removed_at IS NULL AND t.labels @> ${allowed}))`;

/**
 * Takes a protection away. What waits for an approval goes on waiting: it was asked for while one was needed.
 * Removing twice is removing once.
 * @throws ControlPlaneError protection_unknown, also for one that concerns targets that the caller may not use
 */
export async function removeProtection(
  db: ControlDatabase,
  id: string,
  allowed: Labels,
  actor: Actor,
): Promise<Protection> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<ProtectionRow>(
      `SELECT ${COLUMNS} FROM control_plane.protections p WHERE p.id = $1 AND ${WITHIN('$2')} FOR NO KEY UPDATE`,
      [id, JSON.stringify(allowed)],
    );
    const row = rows[0];
    if (row === undefined) {
      throw new ControlPlaneError(
        'protection_unknown',
        `There is no protection ${id} that this key may remove. Nothing was changed.`,
        'GET /v1/protections lists those that stand.',
      );
    }
    if (row.lifted_at !== null) return toProtection(row);
    const { rows: lifted } = await transaction.query<ProtectionRow>(
      `UPDATE control_plane.protections p SET lifted_at = clock_timestamp(), lifted_by = $2 WHERE p.id = $1
       RETURNING ${COLUMNS}`,
      [id, actor.name],
    );
    await writeAudit(transaction, actor, {
      action: 'protection.remove',
      subjectType: 'protection',
      subject: id,
      detail: { labels: row.labels, target: row.target_name, reason: row.reason },
    });
    return toProtection(lifted[0] as ProtectionRow);
  });
}

const MOST_LISTED = 200;

/**
 * Protections, those that stand first, newest first. Everybody may see those by labels, which tell why something waits;
 * those of a single target only who may see it.
 */
export async function listProtections(
  { pool }: ControlDatabase,
  onlyStanding: boolean,
  allowed: Labels,
): Promise<Protection[]> {
  const { rows } = await pool.query<ProtectionRow>(
    `SELECT ${COLUMNS} FROM control_plane.protections p
     WHERE (NOT $1 OR p.lifted_at IS NULL) AND (p.target_name IS NULL OR ${WITHIN('$3')})
     ORDER BY p.lifted_at IS NOT NULL, p.created_at DESC LIMIT $2`,
    [onlyStanding, MOST_LISTED, JSON.stringify(allowed)],
  );
  return rows.map(toProtection);
}

function toProtection(row: ProtectionRow): Protection {
  return {
    id: row.id,
    labels: row.labels,
    target: row.target_name,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    removedAt: iso(row.lifted_at),
    removedBy: row.lifted_by,
  };
}
