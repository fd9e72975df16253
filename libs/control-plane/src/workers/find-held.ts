import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';

/** A deployment in a worker's hands. */
export interface HeldDeployment {
  readonly worker: string;
  readonly deployment: string;
  readonly target: string;
  /** When its present attempt began; ISO 8601, UTC. */
  readonly since: string;
}

/** What workers have in hand, of targets that the caller may see; the longest first. Reads what runs, and no history. */
export async function findHeld({ pool }: ControlDatabase, allowed: Labels): Promise<HeldDeployment[]> {
  const { rows } = await pool.query<{ worker_id: string; id: string; target_name: string; since: Date }>(
    `SELECT d.worker_id, d.id, d.target_name, coalesce(a.started_at, d.started_at, d.created_at) AS since
     FROM control_plane.deployments d JOIN control_plane.targets t ON t.id = d.target_id
     LEFT JOIN control_plane.attempts a ON a.deployment_id = d.id AND a.number = d.attempt
     WHERE d.status IN ('running', 'cancelling') AND d.worker_id IS NOT NULL AND t.labels @> $1
     ORDER BY since, d.id LIMIT 5000`,
    [JSON.stringify(allowed)],
  );
  return rows.map((row) => ({
    worker: row.worker_id,
    deployment: row.id,
    target: row.target_name,
    since: row.since.toISOString(),
  }));
}
