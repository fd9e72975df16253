import type { ControlDatabase } from '../database/control-database.ts';
import type { DeploymentFailure } from '../deployments/deployment-failure.ts';
import type { Labels } from '../targets/labels.ts';
import type { FailureCluster, Rollout } from './rollout.ts';
import { ROLLOUT_COLUMNS, type RolloutRow, toRollout, type WaveRow } from './rollout-row.ts';
import type { RolloutStatus } from './rollout-states.ts';
import { readWaves } from './transitions/carry-on.ts';

/** One rollout; null when there is none of that id for the caller. */
export async function findRollout(db: ControlDatabase, id: string, allowed: Labels): Promise<Rollout | null> {
  const row = await findRolloutRow(db, id, allowed);
  return row === null ? null : toRollout(row, await readWaves(db.pool, id));
}

/** The row itself; null when there is none of that id for the caller. */
export async function findRolloutRow(
  { pool }: ControlDatabase,
  id: string,
  allowed: Labels,
): Promise<RolloutRow | null> {
  const { rows } = await pool.query<RolloutRow>({
    name: 'find-rollout',
    text: `SELECT ${ROLLOUT_COLUMNS} FROM control_plane.rollouts r WHERE r.id = $1 AND r.common_labels @> $2`,
    values: [id, JSON.stringify(allowed)],
  });
  return rows[0] ?? null;
}

/** Where a page of rollouts ended. */
export interface RolloutCursor {
  readonly createdMicros: string;
  readonly seq: string;
}

/** Rollouts, newest first, from behind `after`. */
export async function listRollouts(
  { pool }: ControlDatabase,
  query: {
    readonly status: RolloutStatus | null;
    readonly allowed: Labels;
    readonly after: RolloutCursor | null;
    readonly limit: number;
  },
): Promise<{ items: Rollout[]; next: RolloutCursor | null }> {
  const { rows } = await pool.query<RolloutRow & { created_micros: string }>(
    `SELECT ${ROLLOUT_COLUMNS}, (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_micros FROM control_plane.rollouts r
     WHERE ($1::text IS NULL OR r.status = $1) AND r.common_labels @> $2
       AND ($3::bigint IS NULL OR (r.created_at, r.seq) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::bigint))
     ORDER BY r.created_at DESC, r.seq DESC LIMIT $5`,
    [
      query.status,
      JSON.stringify(query.allowed),
      query.after?.createdMicros ?? null,
      query.after?.seq ?? null,
      query.limit + 1,
    ],
  );
  const page = rows.slice(0, query.limit);
  const { rows: waves } = await pool.query<WaveRow>(
    'SELECT * FROM control_plane.rollout_waves WHERE rollout_id = ANY ($1::uuid[]) ORDER BY rollout_id, number',
    [page.map(({ id }) => id)],
  );
  const last = page.at(-1);
  return {
    items: page.map((row) =>
      toRollout(
        row,
        waves.filter((wave) => wave.rollout_id === row.id),
      ),
    ),
    next:
      rows.length > query.limit && last !== undefined ? { createdMicros: last.created_micros, seq: last.seq } : null,
  };
}

const MOST_CLUSTERS = 50;
const MOST_NAMED = 20;

/** What failed in a rollout, the same failures together, the most frequent first. Reads those that failed, and no others. */
export async function findFailureClusters({ pool }: ControlDatabase, rolloutId: string): Promise<FailureCluster[]> {
  const { rows } = await pool.query<{
    failure: DeploymentFailure | null;
    state: string;
    count: string;
    targets: string[];
    deployment: string;
  }>(
    `SELECT (array_agg(d.failure ORDER BY m.position))[1] AS failure,
       (array_agg(d.id ORDER BY m.position))[1] AS deployment, min(m.state) AS state, count(*) AS count,
       (array_agg(m.target_name ORDER BY m.position))[1:$3] AS targets
     FROM control_plane.rollout_targets m JOIN control_plane.deployments d ON d.id = m.deployment_id
     WHERE m.rollout_id = $1 AND m.state IN ('failed', 'needs_attention', 'cancelled') AND d.failure IS NOT NULL
     GROUP BY d.failure ->> 'sqlstate', d.failure ->> 'code', d.failure ->> 'file', ${ALIKE}
     ORDER BY count(*) DESC, min(m.position) LIMIT $2`,
    [rolloutId, MOST_CLUSTERS, MOST_NAMED],
  );
  return rows.map(({ failure, count, targets, deployment }) => ({
    sqlstate: failure?.sqlstate ?? null,
    code: failure?.code ?? 'failed',
    file: failure?.file ?? null,
    line: failure?.line ?? null,
    column: failure?.column ?? null,
    sourceLine: failure?.sourceLine ?? null,
    message: failure?.message ?? '',
    hint: failure?.hint ?? '',
    count: Number(count),
    targets,
    deployment,
  }));
}

/** Messages are alike when they differ in numbers, ids and addresses alone. */
export const ALIKE = `regexp_replace(d.failure ->> 'message', '[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+', '#', 'g')`;
