import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';

/** How many deployments there were at one moment. */
export interface DepthPoint {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Entered and due, and no worker had taken them in hand as yet. */
  readonly queued: number;
  /** From the first time that a worker took them in hand to their end, waits between attempts included. */
  readonly running: number;
}

export interface QueueDepth {
  /** Equally far apart; the last is now. */
  readonly points: readonly DepthPoint[];
  /** More deployments than are read for this: the points begin later than was asked for. */
  readonly isCapped: boolean;
}

interface DepthRow {
  from_at: Date;
  to_at: Date;
  is_capped: boolean;
  changes: { point: number; queued: number; running: number }[] | null;
}

/** As many intervals as points are worth drawing. */
const INTERVALS = 120;
/** So many deployments are read at most: half a second. */
const MOST_READ = 100_000;

/**
 * The depth of the queue over the last hours. It is made of the deployments that have ended since, and those that have
 * not, newest end first; nothing before is looked at, so it costs the same however long the history is.
 * @param most how many ended deployments are read
 */
export async function findQueueDepth(
  { pool }: ControlDatabase,
  query: { readonly hours: number; readonly allowed: Labels; readonly most?: number },
): Promise<QueueDepth> {
  const { hours, allowed, most = MOST_READ } = query;
  const { rows } = await pool.query<DepthRow>(
    // Ended ones behind the oldest that was read don't matter to the moments after that one's end.
    `WITH ended AS MATERIALIZED (
       SELECT d.target_id, d.created_at, d.not_before, d.started_at, d.finished_at FROM control_plane.deployments d
       WHERE d.finished_at >= statement_timestamp() - $1 * interval '1 hour' ORDER BY d.finished_at DESC LIMIT $2
     ), reach AS MATERIALIZED (
       SELECT count(*) >= $2 AS is_capped, statement_timestamp() AS to_at,
         CASE WHEN count(*) >= $2 THEN min(finished_at) ELSE statement_timestamp() - $1 * interval '1 hour' END AS from_at
       FROM ended
     ), deployments AS (
       SELECT * FROM ended UNION ALL
       SELECT d.target_id, d.created_at, d.not_before, d.started_at, NULL FROM control_plane.deployments d
       WHERE d.status IN ('scheduled', 'queued', 'running', 'cancelling')
     ), moments AS (
       SELECT c.at, c.queued, c.running FROM deployments d CROSS JOIN LATERAL (VALUES
           (least(greatest(d.created_at, d.not_before), d.started_at, d.finished_at), 1, 0),
           (coalesce(d.started_at, d.finished_at), -1, CASE WHEN d.started_at IS NULL THEN 0 ELSE 1 END),
           (CASE WHEN d.started_at IS NOT NULL THEN d.finished_at END, 0, -1)) AS c (at, queued, running)
       WHERE $3::jsonb = '{}' OR d.target_id = ANY (ARRAY(SELECT t.id FROM control_plane.targets t WHERE t.labels @> $3))
     ), changes AS (
       SELECT greatest(0, ceil(extract(epoch FROM m.at - r.from_at) / nullif(extract(epoch FROM r.to_at - r.from_at), 0) * $4))::int AS point,
         sum(m.queued)::int AS queued, sum(m.running)::int AS running
       FROM moments m CROSS JOIN reach r WHERE m.at <= r.to_at GROUP BY 1
     ) SELECT r.from_at, r.to_at, r.is_capped, (SELECT jsonb_agg(c) FROM changes c) AS changes FROM reach r`,
    [hours, most, JSON.stringify(allowed), INTERVALS],
  );
  const row = rows[0] as DepthRow;
  return { points: pointsOf(row), isCapped: row.is_capped };
}

/** Adds the changes up. */
function pointsOf({ from_at: from, to_at: to, changes }: DepthRow): DepthPoint[] {
  const byPoint = new Map((changes ?? []).map((change) => [change.point, change]));
  const stepMs = (to.getTime() - from.getTime()) / INTERVALS;
  let queued = 0;
  let running = 0;
  return Array.from({ length: INTERVALS + 1 }, (_, point) => {
    queued += byPoint.get(point)?.queued ?? 0;
    running += byPoint.get(point)?.running ?? 0;
    return { at: new Date(from.getTime() + point * stepMs).toISOString(), queued, running };
  });
}
