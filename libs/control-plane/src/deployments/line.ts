import { FROZEN_TARGETS } from '../freezes/freeze.ts';
import type { Queryable } from '../database/control-database.ts';

/** A deployment that should be rung: the head of its target's line. */
export interface Head {
  readonly id: string;
  readonly epoch: number;
  /** How long until it may be taken in hand, in ms; 0: now. */
  readonly delayMs: number;
  /** Higher goes first where workers are scarce. */
  readonly priority: number;
}

interface HeadRow {
  id: string;
  epoch: number;
  delay_ms: number;
  priority: number;
}

const HEAD_COLUMNS = `d.id, d.epoch, d.priority, coalesce(greatest(0, extract(epoch FROM d.next_attempt_at - clock_timestamp()) * 1000), 0)::float8 AS delay_ms`;

const toHead = (row: HeadRow): Head => ({
  id: row.id,
  epoch: row.epoch,
  delayMs: Math.ceil(row.delay_ms),
  priority: row.priority,
});

/**
 * Of a target, as SQL: the first in its line, as far as `columns` say; null where nobody stands in it. Read from the end
 * of an index, however long the lines are.
 */
export function headOfLine(targetId: string, columns: string): string {
  return `(SELECT ${columns} FROM control_plane.deployments o
    WHERE o.target_id = ${targetId} AND o.status = 'queued' ORDER BY o.priority DESC, o.seq LIMIT 1)`;
}

/** True in SQL when none of a target's deployments is in a worker's hands, or waits to be settled. OFFSET: as for `notFrozen`. */
export function noneRuns(targetId: string): string {
  return `NOT EXISTS (SELECT FROM control_plane.deployments o
    WHERE o.target_id = ${targetId} AND o.status IN ('running', 'cancelling') OFFSET 0)`;
}

/** The heads of the lines that these deployments are in; none for a line that is empty or whose target has one running. */
export async function headsOfLinesOf(db: Queryable, deploymentIds: readonly string[]): Promise<Head[]> {
  const { rows } = await db.query<HeadRow>({
    name: 'heads-of-lines-of',
    // Planned once: of an array the planner guesses a length, and with that it planned anew each time. Row by row, since
    // there are few: LIMIT and OFFSET keep the subqueries from being joined some other way.
    text: `SELECT DISTINCT ON (head.id) head.* FROM jsonb_array_elements_text($1::jsonb) AS asked (id)
      CROSS JOIN LATERAL (SELECT d.target_id FROM control_plane.deployments d WHERE d.id = asked.id::uuid OFFSET 0) line
      CROSS JOIN LATERAL (SELECT ${HEAD_COLUMNS} FROM control_plane.deployments d
        WHERE d.target_id = line.target_id AND d.status = 'queued' ORDER BY d.priority DESC, d.seq LIMIT 1) head
      WHERE ${noneRuns('line.target_id')}`,
    values: [JSON.stringify(deploymentIds)],
  });
  return rows.map(toHead);
}

/**
 * Heads of all lines, and what a lost worker left in `cancelling`: what should be moving and may not have been rung.
 * @param after continue behind this `seq`; 0 begins
 * @returns at most `limit` heads, and where to go on; `next` is null at the end
 */
export async function headsOfLines(
  db: Queryable,
  after: string,
  limit: number,
): Promise<{ heads: Head[]; next: string | null }> {
  const { rows } = await db.query<HeadRow & { seq: string }>(
    `SELECT ${HEAD_COLUMNS}, d.seq FROM control_plane.deployments d
     WHERE d.seq > $1 AND d.status IN ('queued', 'cancelling') AND d.worker_id IS NULL
       AND (d.status = 'cancelling' OR
         d.target_id NOT IN (SELECT r.target_id FROM control_plane.deployments r WHERE r.status IN ('running', 'cancelling'))
         AND (d.dry_run OR d.cancel_requested_at IS NOT NULL OR d.target_id NOT IN (${FROZEN_TARGETS}))
         AND d.id = ${headOfLine('d.target_id', 'o.id')})
     ORDER BY d.seq LIMIT $2`,
    [after, limit],
  );
  return { heads: rows.map(toHead), next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
}
