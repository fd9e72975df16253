import type { Queryable } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';

/**
 * While it stands nothing is run without an approval: on the target of that name, or on those that have all of its
 * labels; with none, on any. One of the two is null. Times are ISO 8601, UTC.
 */
export interface Protection {
  readonly id: string;
  readonly labels: Labels | null;
  readonly target: string | null;
  readonly reason: string;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Null while it stands. */
  readonly removedAt: string | null;
  readonly removedBy: string | null;
}

/** What a deployment that nobody has approved waits for. */
export interface WaitingForApproval {
  readonly kind: 'approval';
  /** What stood over its target when it began to wait; null: nothing any more. */
  readonly protection: string | null;
  readonly reason: string;
  /** Who protected the target. */
  readonly by: string | null;
  /** Since when it waits. */
  readonly since: string;
  /** Why an earlier approval holds no more; null: there was none. */
  readonly voided: string | null;
}

const TOLD = `jsonb_build_object('kind', 'approval', 'protection', p.id, 'reason', p.reason, 'by', p.created_by,
  'since', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'voided', NULL)`;

/** The protection that stands over a target of this name and these labels, the oldest of several, as a WaitingForApproval; SQL's null without one. */
export function protectionOf(name: string, labels: string): string {
  return `(SELECT ${TOLD} FROM control_plane.protections p
    WHERE p.lifted_at IS NULL AND (p.target_name = ${name} OR ${labels} @> p.labels) ORDER BY p.created_at LIMIT 1)`;
}

const OVER = (targetId: string): string => `FROM control_plane.protections p
    JOIN control_plane.targets pt ON p.target_name = pt.name OR pt.labels @> p.labels
    WHERE p.lifted_at IS NULL AND pt.id = ${targetId}`;

/** As `protectionOf`, of a target by its id. */
export function protectionOver(targetId: string): string {
  return `(SELECT ${TOLD} ${OVER(targetId)} ORDER BY p.created_at LIMIT 1)`;
}

/** True in SQL when no protection stands over a target. OFFSET is there for what `notFrozen` says. */
export function notProtected(targetId: string): string {
  return `NOT EXISTS (SELECT ${OVER(targetId)} OFFSET 0)`;
}

/** A protection that stands over a target, as far as it is shown there. */
export interface StandingProtection {
  readonly id: string;
  readonly reason: string;
  readonly by: string;
  readonly since: string;
}

/** The protections that stand over a target, the oldest first; none for one that is not there for the caller. */
export async function findProtectionsOver(
  db: Queryable,
  target: string,
  allowed: Labels,
): Promise<StandingProtection[]> {
  const { rows } = await db.query<{ id: string; reason: string; created_by: string; created_at: Date }>(
    `SELECT p.id, p.reason, p.created_by, p.created_at FROM control_plane.protections p
     JOIN control_plane.targets t ON p.target_name = t.name OR t.labels @> p.labels
     WHERE p.lifted_at IS NULL AND t.name = $1 AND t.removed_at IS NULL AND t.labels @> $2 ORDER BY p.created_at`,
    [target, JSON.stringify(allowed)],
  );
  return rows.map((row) => ({
    id: row.id,
    reason: row.reason,
    by: row.created_by,
    since: row.created_at.toISOString(),
  }));
}
