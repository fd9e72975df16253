import type { ControlDatabase } from '../database/control-database.ts';
import type { DeploymentFailure } from '../deployments/deployment-failure.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, iso, toDeployment } from '../deployments/deployment-row.ts';
import type { WaitingFor } from '../deployments/deployment.ts';
import { freezeOver, type WaitingForFreeze } from '../freezes/freeze.ts';
import type { RolloutTarget, TargetWaitingFor } from './rollout.ts';
import type { RolloutRow } from './rollout-row.ts';
import type { RolloutTargetState } from './rollout-states.ts';
import { targetWaitingFor } from './target-waiting-for.ts';

interface TargetRow {
  target_name: string;
  server: string;
  wave: number;
  position: number;
  state: RolloutTargetState;
  try: number;
  deployment_id: string | null;
  skip: { by: string; reason: string } | null;
  finished_at: Date | null;
  started_at: Date | null;
  failure: DeploymentFailure | null;
  server_started: number;
  freeze: WaitingForFreeze | null;
}

/** Targets of a rollout in its order, from behind a position. */
export async function listRolloutTargets(
  { pool }: ControlDatabase,
  rollout: RolloutRow,
  query: {
    readonly state: RolloutTargetState | null;
    readonly wave: number | null;
    readonly after: number;
    readonly limit: number;
  },
): Promise<{ items: RolloutTarget[]; next: number | null }> {
  const { rows } = await pool.query<TargetRow>(
    `SELECT m.target_name, m.server, m.wave, m.position, m.state, m.try, m.deployment_id, m.skip, m.finished_at,
       d.started_at, d.failure, coalesce(s.started, 0) AS server_started,
       CASE WHEN m.state = 'pending' AND NOT $6 THEN ${freezeOver('m.target_id')} END AS freeze
     FROM control_plane.rollout_targets m
     LEFT JOIN control_plane.deployments d ON d.id = m.deployment_id
     LEFT JOIN control_plane.rollout_servers s ON s.rollout_id = m.rollout_id AND s.server = m.server AND s.wave = m.wave
     WHERE m.rollout_id = $1 AND m.position > $2 AND ($3::text IS NULL OR m.state = $3) AND ($4::integer IS NULL OR m.wave = $4)
     ORDER BY m.position LIMIT $5`,
    [rollout.id, query.after, query.state, query.wave, query.limit + 1, rollout.dry_run],
  );
  const page = rows.slice(0, query.limit);
  const started = page.filter(({ state }) => state === 'started').flatMap((row) => row.deployment_id ?? []);
  const waits = await waitsOf({ pool }, started);
  return {
    items: page.map((row) => toRolloutTarget(row, waitOf(row, rollout, waits))),
    next: rows.length > query.limit ? (page.at(-1)?.position ?? null) : null,
  };
}

function waitOf(
  row: TargetRow,
  rollout: RolloutRow,
  waits: ReadonlyMap<string, WaitingFor | null>,
): TargetWaitingFor | null {
  if (row.state === 'started') return waits.get(row.deployment_id ?? '') ?? null;
  if (row.state !== 'pending') return null;
  return targetWaitingFor({
    status: rollout.status,
    rolloutWaits: rollout.waiting,
    openWave: rollout.open_wave,
    wave: row.wave,
    server: row.server,
    serverStarted: row.server_started,
    maxParallel: rollout.max_parallel,
    maxParallelPerServer: rollout.max_parallel_per_server,
    freeze: row.freeze,
  });
}

async function waitsOf(
  { pool }: ControlDatabase,
  deploymentIds: readonly string[],
): Promise<Map<string, WaitingFor | null>> {
  if (deploymentIds.length === 0) return new Map();
  const { rows } = await pool.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d WHERE d.id = ANY ($1::uuid[])`,
    [deploymentIds],
  );
  return new Map(rows.map((row) => [row.id, toDeployment(row).waitingFor]));
}

function toRolloutTarget(row: TargetRow, waitingFor: TargetWaitingFor | null): RolloutTarget {
  const isAmiss = ['failed', 'needs_attention', 'cancelled'].includes(row.state);
  return {
    target: row.target_name,
    server: row.server,
    wave: row.wave,
    position: row.position,
    state: row.state,
    waitingFor,
    deployment: row.deployment_id,
    tries: row.try,
    failure: isAmiss ? row.failure : null,
    skipped: row.skip,
    startedAt: row.state === 'pending' ? null : iso(row.started_at),
    finishedAt: iso(row.finished_at),
  };
}

const MOST_GROUPS = 20;
const MOST_NAMED = 5;

/** Targets that wait for the same. */
export interface WaitingGroup {
  readonly waitingFor: TargetWaitingFor;
  readonly count: number;
  /** The first of them. */
  readonly targets: readonly string[];
}

/**
 * What the targets of a rollout wait for, put together: those that wait for their turn by wave and server, and those
 * whose deployment stands in a line. Reads what is under way, and counts for the rest.
 */
export async function groupWaiting(db: ControlDatabase, rollout: RolloutRow): Promise<WaitingGroup[]> {
  const { rows } = await db.pool.query<{
    freeze: WaitingForFreeze | null;
    wave: number;
    server: string;
    started: number;
    count: number;
    targets: string[];
  }>(
    `SELECT s.wave, s.server, s.started, s.pending AS count, CASE WHEN NOT $3 THEN (SELECT ${freezeOver('m.target_id')}
         FROM control_plane.rollout_targets m WHERE m.rollout_id = s.rollout_id AND m.wave = s.wave
         AND m.server = s.server AND m.state = 'pending' ORDER BY m.position LIMIT 1) END AS freeze,
       ARRAY(SELECT m.target_name FROM control_plane.rollout_targets m WHERE m.rollout_id = s.rollout_id AND m.wave = s.wave
         AND m.server = s.server AND m.state = 'pending' ORDER BY m.position LIMIT $2) AS targets
     FROM control_plane.rollout_servers s WHERE s.rollout_id = $1 AND s.pending > 0 ORDER BY s.wave, s.server`,
    [rollout.id, MOST_NAMED, rollout.dry_run],
  );
  const { rows: started } = await db.pool.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.rollout_targets m JOIN control_plane.deployments d ON d.id = m.deployment_id
     WHERE m.rollout_id = $1 AND m.state = 'started' AND d.status IN ('awaiting_approval', 'queued') ORDER BY m.position`,
    [rollout.id],
  );
  const groups = new Map<string, { waitingFor: TargetWaitingFor; count: number; targets: string[] }>();
  const add = (waitingFor: TargetWaitingFor | null, count: number, targets: readonly string[]): void => {
    if (waitingFor === null) return;
    const key = JSON.stringify(waitingFor);
    const group = groups.get(key) ?? { waitingFor, count: 0, targets: [] };
    groups.set(key, {
      ...group,
      count: group.count + count,
      targets: [...group.targets, ...targets].slice(0, MOST_NAMED),
    });
  };
  for (const row of started) add(toDeployment(row).waitingFor, 1, [row.target_name]);
  for (const row of rows) {
    const wait = targetWaitingFor({
      status: rollout.status,
      rolloutWaits: rollout.waiting,
      openWave: rollout.open_wave,
      wave: row.wave,
      server: row.server,
      serverStarted: row.started,
      maxParallel: rollout.max_parallel,
      maxParallelPerServer: rollout.max_parallel_per_server,
      freeze: row.freeze,
    });
    add(wait, row.count, row.targets);
  }
  return [...groups.values()].slice(0, MOST_GROUPS);
}
