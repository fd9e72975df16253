import type { ControlDatabase } from '../database/control-database.ts';
import type { RolloutEvent } from './rollout.ts';

/** Something that is to be told of a rollout. */
export interface NewRolloutEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where a watcher of one rollout stands. */
export interface RolloutEventPosition {
  readonly rolloutId: string;
  /** The number of the last event it has. */
  readonly after: number;
}

/**
 * What happened since, for many watchers in one statement: at most `limit` events of each rollout, in order. Numbers are
 * given under the lock of the rollout's row, so none can turn up below one that was read.
 */
export async function findRolloutEvents(
  { pool }: ControlDatabase,
  positions: readonly RolloutEventPosition[],
  limit: number,
): Promise<RolloutEvent[]> {
  const { rows } = await pool.query<{
    rollout_id: string;
    number: number;
    at: Date;
    type: string;
    data: Record<string, unknown>;
  }>({
    name: 'find-rollout-events',
    text: `SELECT e.rollout_id, e.number, e.at, e.type, e.data FROM unnest($1::uuid[], $2::integer[]) AS p (rollout_id, after)
      CROSS JOIN LATERAL (SELECT * FROM control_plane.rollout_events e
        WHERE e.rollout_id = p.rollout_id AND e.number > p.after ORDER BY e.number LIMIT $3) e
      ORDER BY e.rollout_id, e.number`,
    values: [positions.map((p) => p.rolloutId), positions.map((p) => p.after), limit],
  });
  return rows.map((row) => ({
    rolloutId: row.rollout_id,
    number: row.number,
    at: row.at.toISOString(),
    type: row.type,
    data: row.data,
  }));
}
