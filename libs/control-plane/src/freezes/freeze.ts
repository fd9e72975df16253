import type { Queryable } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';

/** While it stands nothing is started on targets that have all of its labels; with none, on no target. Times are ISO 8601, UTC. */
export interface Freeze {
  readonly id: string;
  readonly labels: Labels;
  readonly reason: string;
  readonly createdAt: string;
  readonly createdBy: string;
  /** Null while it stands. */
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
}

/** What something that is frozen waits for. */
export interface WaitingForFreeze {
  readonly kind: 'freeze';
  readonly freeze: string;
  readonly reason: string;
  readonly by: string;
  readonly since: string;
}

const TOLD = `jsonb_build_object('kind', 'freeze', 'freeze', f.id, 'reason', f.reason, 'by', f.created_by,
  'since', to_char(f.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** The freezes `f` that stand, each with the targets `ft` under it. */
const STANDING = `FROM control_plane.freezes f JOIN control_plane.targets ft ON ft.labels @> f.labels
    WHERE f.lifted_at IS NULL`;

/** The freeze that stands over a target, the oldest of several, as a WaitingForFreeze; SQL's null without one. */
export function freezeOver(targetId: string): string {
  return `(SELECT ${TOLD} ${STANDING} AND ft.id = ${targetId} ORDER BY f.created_at LIMIT 1)`;
}

/**
 * True in SQL when no freeze stands over a target. OFFSET keeps the planner from looking over all targets once, which
 * it takes for cheaper than two looks at one where it does not know yet how many there are.
 */
export function notFrozen(targetId: string): string {
  return `NOT EXISTS (SELECT ${STANDING} AND ft.id = ${targetId} OFFSET 0)`;
}

/** The ids of all targets over which a freeze stands: for many at once, where `notFrozen` is for one. */
export const FROZEN_TARGETS = `SELECT ft.id ${STANDING}`;

/** A freeze that stands, and the labels that targets under it have. */
export interface StandingFreeze {
  readonly labels: Labels;
  readonly freeze: WaitingForFreeze;
}

/** What may stand in a rollout's way: the freezes, the oldest first, and whether anything is protected at all. */
export interface Standing {
  readonly freezes: readonly StandingFreeze[];
  readonly isAnyProtected: boolean;
}

/** What stands now, in one statement. */
export async function readStanding(db: Queryable): Promise<Standing> {
  const { rows } = await db.query<{ freezes: StandingFreeze[]; is_any_protected: boolean }>({
    name: 'read-standing',
    text: `SELECT coalesce(jsonb_agg(jsonb_build_object('labels', f.labels, 'freeze', ${TOLD}) ORDER BY f.created_at), '[]') AS freezes,
        EXISTS (SELECT FROM control_plane.protections p WHERE p.lifted_at IS NULL) AS is_any_protected
      FROM control_plane.freezes f WHERE f.lifted_at IS NULL`,
  });
  const { freezes = [], is_any_protected: isAnyProtected = false } = rows[0] ?? {};
  return { freezes, isAnyProtected };
}
