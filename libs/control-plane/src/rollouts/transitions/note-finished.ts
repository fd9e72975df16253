import type { Queryable } from '../../database/control-database.ts';
import type { DeploymentFailure } from '../../deployments/deployment-failure.ts';
import type { RolloutTargetState } from '../rollout-states.ts';

/** A target whose deployment has ended, and that was not taken note of before. */
export interface Finished {
  readonly target: string;
  readonly wave: number;
  readonly state: RolloutTargetState;
  readonly deployment: string;
  readonly failure: DeploymentFailure | null;
  /** Null for one that never ran. */
  readonly durationMs: number | null;
}

/**
 * Takes note of the targets that have ended since the last time, each once, and moves the numbers of their waves and
 * servers. Only these are looked at, however many targets the rollout has.
 */
export async function noteFinished(transaction: Queryable, rolloutId: string): Promise<Finished[]> {
  const { rows } = await transaction.query<{
    target_name: string;
    wave: number;
    state: RolloutTargetState;
    deployment_id: string;
    failure: DeploymentFailure | null;
    duration_ms: number | null;
  }>({
    name: 'note-finished',
    text: `WITH noted AS (
        UPDATE control_plane.rollout_targets m SET noted = true FROM control_plane.deployments d
        WHERE m.rollout_id = $1 AND NOT m.noted AND d.id = m.deployment_id
        RETURNING m.target_name, m.wave, m.server, m.state, m.deployment_id, m.finished_at, d.failure,
          (extract(epoch FROM d.finished_at - d.started_at) * 1000)::float8 AS duration_ms
      ), waves AS (
        UPDATE control_plane.rollout_waves w SET started = w.started - n.count, succeeded = w.succeeded + n.succeeded,
          failed = w.failed + n.failed, needs_attention = w.needs_attention + n.needs_attention,
          cancelled = w.cancelled + n.cancelled,
          finished_at = CASE WHEN w.pending + w.started - n.count = 0 THEN clock_timestamp() ELSE w.finished_at END
        FROM (SELECT wave, count(*) AS count, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
            count(*) FILTER (WHERE state = 'failed') AS failed,
            count(*) FILTER (WHERE state = 'needs_attention') AS needs_attention,
            count(*) FILTER (WHERE state = 'cancelled') AS cancelled
          FROM noted GROUP BY wave) n
        WHERE w.rollout_id = $1 AND w.number = n.wave
      ), servers AS (
        UPDATE control_plane.rollout_servers s SET started = s.started - n.count
        FROM (SELECT server, count(*) AS count FROM noted GROUP BY server) n
        WHERE s.rollout_id = $1 AND s.server = n.server
      ) SELECT * FROM noted ORDER BY finished_at, target_name`,
    values: [rolloutId],
  });
  return rows.map((row) => ({
    target: row.target_name,
    wave: row.wave,
    state: row.state,
    deployment: row.deployment_id,
    failure: row.failure,
    durationMs: row.duration_ms,
  }));
}
