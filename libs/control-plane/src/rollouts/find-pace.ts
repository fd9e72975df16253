import type { ControlDatabase } from '../database/control-database.ts';
import { type Pace, paceOf } from './pace.ts';
import type { Rollout } from './rollout.ts';
import type { RolloutRow } from './rollout-row.ts';

const LATELY_MS = 300_000;

/** How fast a rollout goes, by the last five minutes, or by the time since it goes on without a stop. */
export async function findPace({ pool }: ControlDatabase, row: RolloutRow, rollout: Rollout): Promise<Pace | null> {
  if (row.moving_since === null || row.status !== 'running') return null;
  const now = Date.now();
  const since = Math.max(row.moving_since.getTime(), now - LATELY_MS);
  const { rows } = await pool.query<{ ended: string }>(
    `SELECT count(*) AS ended FROM control_plane.rollout_targets
     WHERE rollout_id = $1 AND finished_at >= $2 AND state <> 'skipped'`,
    [row.id, new Date(since)],
  );
  return paceOf(rollout, { ended: Number(rows[0]?.ended ?? 0), since }, now);
}
