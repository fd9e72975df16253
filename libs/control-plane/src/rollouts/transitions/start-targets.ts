import { ENTER_FOR_ROLLOUT } from '../../deployments/transitions/enter-for-rollout.ts';
import type { Queryable } from '../../database/control-database.ts';
import { type Head, headOfLine, noneRuns } from '../../deployments/line.ts';
import type { StandingFreeze } from '../../freezes/freeze.ts';
import type { RolloutRow } from '../rollout-row.ts';

/** A target that was taken from those that wait. */
export interface Taken {
  readonly target: string;
  readonly wave: number;
  /** Null: the target was removed before its turn, and is skipped. */
  readonly deployment: string | null;
  /** It is alone in its target's line: to be rung for. */
  readonly head: Head | null;
}

const REMOVED = JSON.stringify({ by: 'rollout', reason: 'The target was removed before its turn.' });

/**
 * Takes the next targets of a wave from servers that have room, those with the least under way first, and enters a
 * deployment for each, at the end of its target's line. Reads no more than what it takes, and what is frozen before it.
 * Whoever changes a row that waits has locked its rollout's row, as the caller has: so it is still where it was picked.
 * @param rollout as it is about to be written: with the bundle that a resume has given it
 * @param freezes that stand: targets under one are passed over
 * @param needsNoApproval nothing is protected, or it is a dry run: those of others that are not approved wait for that
 * @param most how many at most; fewer when the servers have no room for more
 */
export async function startTargets(
  transaction: Queryable,
  { id, bundle_digest: bundle }: Pick<RolloutRow, 'id' | 'bundle_digest'>,
  { wave, most }: { readonly wave: number; readonly most: number },
  freezes: readonly StandingFreeze[],
  needsNoApproval: boolean,
): Promise<Taken[]> {
  const { rows } = await transaction.query<{
    target_name: string;
    deployment_id: string | null;
    priority: number;
    is_alone: boolean;
  }>({
    name: 'start-targets',
    text: START,
    values: [id, wave, most, REMOVED, bundle, JSON.stringify(freezes.map(({ labels }) => labels)), needsNoApproval],
  });
  return rows.map((row) => ({
    target: row.target_name,
    wave,
    deployment: row.deployment_id,
    head:
      row.is_alone && row.deployment_id !== null
        ? { id: row.deployment_id, epoch: 0, delayMs: 0, priority: row.priority }
        : null,
  }));
}

const START = `WITH room AS (
    SELECT server, started, most FROM control_plane.rollout_servers
    WHERE rollout_id = $1 AND wave = $2 AND has_room ORDER BY started, server LIMIT $3
  ), picked AS (
    SELECT p.*, t.removed_at IS NOT NULL AS is_gone FROM (
      SELECT m.*, row_number() OVER (ORDER BY room.started + m.nth, m.position) AS place
      FROM room CROSS JOIN LATERAL (
        SELECT m.ctid AS row, m.target_id, m.target_name, m.server, m.try, m.position, m.approval, row_number() OVER (ORDER BY m.position) AS nth
        FROM control_plane.rollout_targets m
        WHERE m.rollout_id = $1 AND m.wave = $2 AND m.server = room.server AND m.state = 'pending'
          AND ($6::jsonb = '[]' OR NOT EXISTS (SELECT FROM jsonb_array_elements($6::jsonb) AS f (labels)
            WHERE (SELECT t.labels FROM control_plane.targets t WHERE t.id = m.target_id) @> f.labels))
        ORDER BY m.position LIMIT least($3, room.most - room.started)) m
    ) p JOIN control_plane.targets t ON t.id = p.target_id WHERE p.place <= $3
  ), ${ENTER_FOR_ROLLOUT}, taken AS (
    UPDATE control_plane.rollout_targets m SET state = CASE WHEN p.is_gone THEN 'skipped' ELSE 'started' END,
      try = coalesce(d.rollout_try, m.try), deployment_id = coalesce(d.id, m.deployment_id),
      skip = CASE WHEN p.is_gone THEN $4::jsonb END,
      finished_at = CASE WHEN p.is_gone THEN clock_timestamp() END
    FROM picked p LEFT JOIN d ON d.target_id = p.target_id
    -- By where the rows are: by their key the planner may read all of the rollout's for each of them.
    WHERE m.ctid = p.row AND m.rollout_id = $1 AND m.target_id = p.target_id
  ), waves AS (
    UPDATE control_plane.rollout_waves w SET pending = w.pending - n.taken, started = w.started + n.taken - n.gone,
      skipped = w.skipped + n.gone, started_at = coalesce(w.started_at, clock_timestamp()),
      finished_at = CASE WHEN w.pending + w.started - n.gone = 0 THEN clock_timestamp() END
    FROM (SELECT count(*) AS taken, count(*) FILTER (WHERE is_gone) AS gone FROM picked) n
    WHERE w.rollout_id = $1 AND w.number = $2 AND n.taken > 0
  ), servers AS (
    UPDATE control_plane.rollout_servers s SET started = s.started + n.taken - n.gone,
      pending = s.pending - CASE WHEN s.wave = $2 THEN n.taken ELSE 0 END
    FROM (SELECT server, count(*) AS taken, count(*) FILTER (WHERE is_gone) AS gone FROM picked GROUP BY server) n
    WHERE s.rollout_id = $1 AND s.server = n.server
  ) SELECT p.target_name, d.id AS deployment_id, d.priority, d.status = 'queued' AND ${noneRuns('p.target_id')} AND ${headOfLine('p.target_id', 'o.id')} IS NULL AS is_alone
    FROM picked p LEFT JOIN d ON d.target_id = p.target_id ORDER BY p.place`;
