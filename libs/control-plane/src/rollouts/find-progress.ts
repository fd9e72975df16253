import type { ControlDatabase } from '../database/control-database.ts';
import type { RolloutRow } from './rollout-row.ts';

/** How targets end in a rollout. */
export const ROLLOUT_ENDS = ['succeeded', 'failed', 'needs_attention', 'cancelled', 'skipped'] as const;
export type RolloutEnd = (typeof ROLLOUT_ENDS)[number];

/** How many targets had ended by a moment, and how. */
export type ProgressPoint = { readonly at: string } & Readonly<Record<RolloutEnd, number>>;

/** As many intervals as points are worth drawing. */
const INTERVALS = 100;

/**
 * How far a rollout was over time: points equally far apart from its creation to its end, or to now. A target that is
 * tried again counts by its latest end alone. Reads the rollout's targets that have ended, by an index in that order.
 */
export async function findRolloutProgress({ pool }: ControlDatabase, row: RolloutRow): Promise<ProgressPoint[]> {
  const from = row.created_at.getTime();
  const to = Math.max(row.finished_at?.getTime() ?? Date.now(), from + 1);
  const { rows } = await pool.query<{ point: number; state: RolloutEnd; count: number }>(
    `SELECT greatest(0, least($4, ceil(extract(epoch FROM finished_at - $2::timestamptz) * 1000 / $3 * $4)))::int AS point, state,
       count(*)::int AS count
     FROM control_plane.rollout_targets
     WHERE rollout_id = $1 AND finished_at IS NOT NULL AND state = ANY ($5) GROUP BY 1, 2`,
    [row.id, row.created_at, to - from, INTERVALS, ROLLOUT_ENDS],
  );
  const sums = Object.fromEntries(ROLLOUT_ENDS.map((end) => [end, 0])) as Record<RolloutEnd, number>;
  return Array.from({ length: INTERVALS + 1 }, (_, point) => {
    for (const { state, count } of rows.filter((each) => each.point === point)) sums[state] += count;
    return { at: new Date(from + ((to - from) * point) / INTERVALS).toISOString(), ...sums };
  });
}
