import type { Queryable } from '../../database/control-database.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { RolloutRow } from '../rollout-row.ts';

/** Moves the numbers of waves and servers after targets changed their state; needs `changed` (wave, server, was). */
const RECOUNT = (state: 'pending' | 'cancelled' | 'skipped'): string => `counted AS (
    UPDATE control_plane.rollout_waves w SET
      pending = w.pending - n.pending + ${state === 'pending' ? 'n.count' : '0'},
      failed = w.failed - n.failed, needs_attention = w.needs_attention - n.needs_attention,
      cancelled = w.cancelled - n.cancelled + ${state === 'cancelled' ? 'n.count' : '0'},
      skipped = w.skipped + ${state === 'skipped' ? 'n.count' : '0'},
      finished_at = ${
        state === 'pending'
          ? 'NULL'
          : 'CASE WHEN w.pending - n.pending + w.started = 0 THEN coalesce(w.finished_at, clock_timestamp()) END'
      }
    FROM sums n WHERE w.rollout_id = $1 AND w.number = n.wave
  ), servers AS (
    UPDATE control_plane.rollout_servers s SET pending = s.pending ${state === 'pending' ? '+ n.count' : '- n.pending'}
    FROM (SELECT wave, server, count(*) AS count, count(*) FILTER (WHERE was = 'pending') AS pending
      FROM changed GROUP BY wave, server) n
    WHERE s.rollout_id = $1 AND s.server = n.server AND s.wave = n.wave
  )`;

const SUMS = `sums AS (
    SELECT wave, count(*) AS count, count(*) FILTER (WHERE was = 'pending') AS pending,
      count(*) FILTER (WHERE was = 'failed') AS failed, count(*) FILTER (WHERE was = 'needs_attention') AS needs_attention,
      count(*) FILTER (WHERE was = 'cancelled') AS cancelled
    FROM changed GROUP BY wave
  )`;

/** Those that failed, need a person or were cancelled wait for their turn again. @returns how many */
export async function retryAmiss(transaction: Queryable, rolloutId: string): Promise<number> {
  const { rows } = await transaction.query<{ count: string }>(
    `WITH amiss AS (
       SELECT target_id, state FROM control_plane.rollout_targets
       WHERE rollout_id = $1 AND state IN ('failed', 'needs_attention', 'cancelled')
     ), changed AS (
       UPDATE control_plane.rollout_targets m SET state = 'pending', finished_at = NULL, approval = NULL, is_held = false FROM amiss
       WHERE m.rollout_id = $1 AND m.target_id = amiss.target_id
       RETURNING m.wave, m.server, amiss.state AS was
     ), ${SUMS}, ${RECOUNT('pending')} SELECT count(*) FROM changed`,
    [rolloutId],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Approvals are for a bundle: with another one, those of targets that wait for their turn are void. @returns how many */
export async function voidApprovals(transaction: Queryable, rolloutId: string): Promise<number> {
  const { rowCount } = await transaction.query(
    `UPDATE control_plane.rollout_targets SET approval = NULL
     WHERE rollout_id = $1 AND state = 'pending' AND approval IS NOT NULL`,
    [rolloutId],
  );
  return rowCount ?? 0;
}

/** What waits for its turn never comes. @returns how many */
export async function cancelPending(transaction: Queryable, rolloutId: string): Promise<number> {
  const { rows } = await transaction.query<{ count: string }>(
    `WITH changed AS (
       UPDATE control_plane.rollout_targets SET state = 'cancelled', finished_at = clock_timestamp()
       WHERE rollout_id = $1 AND state = 'pending' RETURNING wave, server, 'pending' AS was
     ), ${SUMS}, ${RECOUNT('cancelled')} SELECT count(*) FROM changed`,
    [rolloutId],
  );
  return Number(rows[0]?.count ?? 0);
}

/**
 * Leaves targets out: those that wait, failed, need a person or were cancelled.
 * @returns those that were left out; none for one that is skipped already
 * @throws ControlPlaneError rollout_target_unknown, rollout_not_steerable for one that runs or has succeeded
 */
export async function skipTargets(
  transaction: Queryable,
  rolloutId: string,
  names: readonly string[],
  skip: { readonly by: string; readonly reason: string },
): Promise<{ target: string; wave: number }[]> {
  const { rows: found } = await transaction.query<{ target_name: string; state: string }>(
    'SELECT target_name, state FROM control_plane.rollout_targets WHERE rollout_id = $1 AND target_name = ANY ($2)',
    [rolloutId, names],
  );
  const unknown = names.filter((name) => !found.some((row) => row.target_name === name));
  if (unknown.length > 0) {
    throw new ControlPlaneError(
      'rollout_target_unknown',
      `The rollout has no target ${unknown.join(', ')}. Nothing was changed.`,
      'GET /v1/rollouts/{id}/targets lists those it has.',
    );
  }
  const tooLate = found.filter(({ state }) => state === 'started' || state === 'succeeded');
  if (tooLate.length > 0) {
    throw new ControlPlaneError(
      'rollout_not_steerable',
      `Too late to skip ${tooLate.map((row) => `${row.target_name} (${row.state})`).join(', ')}. Nothing was changed.`,
      'Cancel the deployment of a target that is started; once it has ended, it can be skipped.',
    );
  }
  const { rows } = await transaction.query<{ target_name: string; wave: number }>(
    `WITH before AS (
       SELECT target_id, state FROM control_plane.rollout_targets
       WHERE rollout_id = $1 AND target_name = ANY ($2) AND state <> 'skipped'
     ), changed AS (
       UPDATE control_plane.rollout_targets m SET state = 'skipped', skip = $3, finished_at = clock_timestamp() FROM before
       WHERE m.rollout_id = $1 AND m.target_id = before.target_id
       RETURNING m.target_name, m.wave, m.server, before.state AS was
     ), ${SUMS}, ${RECOUNT('skipped')} SELECT target_name, wave FROM changed ORDER BY target_name`,
    [rolloutId, names, JSON.stringify(skip)],
  );
  return rows.map((row) => ({ target: row.target_name, wave: row.wave }));
}

const MOST_NAMED = 5;

/**
 * A bundle that takes another's place must not change what targets of this rollout have applied: there it would be
 * refused as changed, now or with the next deployment.
 * @throws ControlPlaneError bundle_changes_applied
 */
export async function requireNothingChanged(transaction: Queryable, row: RolloutRow, digest: string): Promise<void> {
  if (row.mode === 'create') return;
  const { rows } = await transaction.query<{ path: string; targets: string[] }>(
    `SELECT b.path, array_agg(m.target_name ORDER BY m.position) AS targets
     FROM control_plane.rollout_targets m JOIN control_plane.target_ledgers l ON l.target_id = m.target_id
     CROSS JOIN LATERAL jsonb_to_recordset(l.files) AS f (path text, sha256 text)
     JOIN control_plane.bundle_files b ON b.bundle_digest = $2 AND b.path = f.path AND b.sha256 <> f.sha256
     WHERE m.rollout_id = $1 AND m.state <> 'skipped' AND f.path LIKE $3
     GROUP BY b.path ORDER BY b.path COLLATE "C" LIMIT 20`,
    [row.id, digest, `${row.mode}/%`],
  );
  if (rows.length === 0) return;
  const told = rows.map(({ path, targets }) => {
    const more = targets.length > MOST_NAMED ? ` and ${targets.length - MOST_NAMED} more` : '';
    return `${path} on ${targets.slice(0, MOST_NAMED).join(', ')}${more}`;
  });
  throw new ControlPlaneError(
    'bundle_changes_applied',
    `The bundle changes files that are applied already: ${told.join('; ')}. Nothing was changed.`,
    'Put these files back as they were, and bring the change as a new file; or skip those targets.',
  );
}
