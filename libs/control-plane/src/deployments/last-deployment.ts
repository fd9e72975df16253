/**
 * A subquery for the last deployment of a target. By the name alone, and the target judged after it: asked for both, the
 * planner takes them for independent, expects one row, and reads and sorts the target's whole history. That is right since
 * a name is free only when its target was removed: what is newest under a name is of the latest target of that name.
 * @param target the alias of a row of control_plane.targets
 * @param columns of a row `d`
 * @param condition on a row `d`
 */
export function lastDeployment(target: string, columns: string, condition = 'true'): string {
  return `(SELECT ${columns} FROM (SELECT * FROM control_plane.deployments d WHERE d.target_name = ${target}.name AND ${condition}
    ORDER BY d.created_at DESC, d.seq DESC LIMIT 1) d WHERE d.target_id = ${target}.id)`;
}

/** The columns of `lastDeployment` as lists show it. */
export const LAST_DEPLOYMENT = `jsonb_build_object('id', d.id, 'status', d.status,
  'createdAt', to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
