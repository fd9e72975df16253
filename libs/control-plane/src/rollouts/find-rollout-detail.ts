import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';
import { findPlan } from './find-plan.ts';
import { findPace } from './find-pace.ts';
import { findFailureClusters, findRolloutRow } from './find-rollouts.ts';
import { groupWaiting, type WaitingGroup } from './find-rollout-targets.ts';
import type { Pace } from './pace.ts';
import type { PlanGroup } from './plan-groups.ts';
import type { FailureCluster, Rollout, RolloutBundle } from './rollout.ts';
import { toRollout } from './rollout-row.ts';
import { readWaves } from './transitions/carry-on.ts';

/** A rollout with everything that is known of it but its targets one by one. */
export interface RolloutDetail extends Rollout {
  readonly failed: readonly FailureCluster[];
  readonly waiting: readonly WaitingGroup[];
  /** Null while it does not move, and at its beginning. */
  readonly pace: Pace | null;
  /** Of a dry run: what was found on the targets. Null for others. */
  readonly plan: readonly PlanGroup[] | null;
  /** The bundles it has brought, the last is the one it brings now. */
  readonly bundles: readonly RolloutBundle[];
}

/** All about one rollout; null when there is none of that id for the caller. */
export async function findRolloutDetail(
  db: ControlDatabase,
  id: string,
  allowed: Labels,
): Promise<RolloutDetail | null> {
  const row = await findRolloutRow(db, id, allowed);
  if (row === null) return null;
  const rollout = toRollout(row, await readWaves(db.pool, id));
  const [failed, waiting, pace, plan] = await Promise.all([
    findFailureClusters(db, id),
    groupWaiting(db, row),
    findPace(db, row, rollout),
    row.dry_run ? findPlan(db, id) : null,
  ]);
  return { ...rollout, failed, waiting, pace, plan, bundles: row.bundles };
}

/** The names of a rollout's targets, wave by wave, in their order. */
export async function findTargetsOfWaves({ pool }: ControlDatabase, id: string): Promise<string[][]> {
  const { rows } = await pool.query<{ targets: string[] }>(
    `SELECT array_agg(target_name ORDER BY position) AS targets FROM control_plane.rollout_targets
     WHERE rollout_id = $1 GROUP BY wave ORDER BY wave`,
    [id],
  );
  return rows.map(({ targets }) => targets);
}
