import type { Queryable } from '../../database/control-database.ts';
import type { Unapproved } from '../decide.ts';
import { notProtected, protectionOver } from '../../protections/protection.ts';

const MOST_NAMED = 20;

/**
 * Those of a wave that wait for their turn, are protected, and have no approval; null when there are none. Asked once
 * for a wave, when it is to begin, and only while anything is protected at all.
 */
export async function findUnapproved(
  transaction: Queryable,
  rolloutId: string,
  wave: number,
): Promise<Unapproved | null> {
  const { rows } = await transaction.query<{ count: number; targets: string[]; reason: string }>({
    name: 'find-unapproved',
    text: `WITH found AS (
        SELECT m.target_id, m.target_name, m.position FROM control_plane.rollout_targets m
        WHERE m.rollout_id = $1 AND m.wave = $2 AND m.state = 'pending' AND m.approval IS NULL
          AND NOT ${notProtected('m.target_id')}
      ) SELECT count(*)::integer AS count, (array_agg(target_name ORDER BY position))[1:${MOST_NAMED}] AS targets,
        (SELECT ${protectionOver('f.target_id')} ->> 'reason' FROM found f ORDER BY f.position LIMIT 1) AS reason
      FROM found HAVING count(*) > 0`,
    values: [rolloutId, wave],
  });
  return rows[0] === undefined ? null : { wave, ...rows[0] };
}

/** A started target whose deployment has begun to wait for an approval, or does so no more. */
export interface Held {
  readonly target: string;
  readonly wave: number;
  readonly deployment: string;
  readonly isHeld: boolean;
  /** Why an earlier approval holds no more; null: there was none. */
  readonly voided: string | null;
}

/**
 * Takes note of started targets whose deployments wait for an approval of their own: a worker found another plan than was
 * approved, or the target was protected when its wave had begun.
 * @returns those of which that is new, and how many there are
 */
export async function noteHeld(
  transaction: Queryable,
  rolloutId: string,
): Promise<{ changed: Held[]; held: { count: number; targets: string[] } }> {
  const { rows } = await transaction.query<{ changed: Held[]; count: number; targets: string[] }>({
    name: 'note-held',
    text: `WITH started AS (
        SELECT m.target_id, m.target_name, m.wave, m.position, m.deployment_id, m.is_held,
          d.status = 'awaiting_approval' AS now_held, d.waiting
        FROM control_plane.rollout_targets m JOIN control_plane.deployments d ON d.id = m.deployment_id
        WHERE m.rollout_id = $1 AND m.state = 'started'
      ), noted AS (
        UPDATE control_plane.rollout_targets m SET is_held = s.now_held FROM started s
        WHERE m.rollout_id = $1 AND m.target_id = s.target_id AND s.is_held <> s.now_held
      ) SELECT coalesce(jsonb_agg(jsonb_build_object('target', target_name, 'wave', wave, 'deployment', deployment_id,
          'isHeld', now_held, 'voided', waiting -> 'voided') ORDER BY position) FILTER (WHERE is_held <> now_held), '[]') AS changed,
        (count(*) FILTER (WHERE now_held))::integer AS count,
        coalesce((array_agg(target_name ORDER BY position) FILTER (WHERE now_held))[1:${MOST_NAMED}], '{}') AS targets
      FROM started`,
    values: [rolloutId],
  });
  const { changed = [], count = 0, targets = [] } = rows[0] ?? {};
  return { changed, held: { count, targets } };
}
