import type { ControlDatabase } from '../database/control-database.ts';
import type { DeploymentFailure } from '../deployments/deployment-failure.ts';
import { ALIKE } from './find-rollouts.ts';
import { type PlanGroup, planGroups } from './plan-groups.ts';
import type { RolloutTargetState } from './rollout-states.ts';

const MOST_NAMED = 20;
const MOST_GROUPS = 100;

/** What a dry run found on the targets' real ledgers, the same together. */
export async function findPlan({ pool }: ControlDatabase, rolloutId: string): Promise<PlanGroup[]> {
  const { rows } = await pool.query<{
    state: RolloutTargetState;
    files: string[] | null;
    failure: DeploymentFailure | null;
    count: string;
    targets: string[];
  }>(
    `SELECT state, files, (array_agg(failure ORDER BY position))[1] AS failure, count(*) AS count,
       (array_agg(target_name ORDER BY position))[1:$2] AS targets
     FROM (SELECT CASE m.state WHEN 'started' THEN 'pending' ELSE m.state END AS state, m.position, m.target_name,
         d.failure, d.failure ->> 'code' AS code, d.failure ->> 'file' AS file, ${ALIKE} AS alike,
         CASE WHEN m.state = 'succeeded' THEN (SELECT array_agg(s.path ORDER BY s.position)
           FROM control_plane.steps s WHERE s.deployment_id = m.deployment_id AND s.status = 'planned') END AS files
       FROM control_plane.rollout_targets m LEFT JOIN control_plane.deployments d ON d.id = m.deployment_id
       WHERE m.rollout_id = $1) found
     GROUP BY state, files, code, file, alike ORDER BY count(*) DESC, min(position) LIMIT $3`,
    [rolloutId, MOST_NAMED, MOST_GROUPS],
  );
  return planGroups(rows.map((row) => ({ ...row, files: row.files ?? [], count: Number(row.count) })));
}
