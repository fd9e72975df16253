import type { ControlDatabase } from '../database/control-database.ts';

/** How far the runs of one deployment have come. */
export interface EarlierRun {
  readonly deploymentId: string;
  /** Of the latest run. */
  readonly epoch: number;
  /** That one is in a worker's hands. */
  readonly isHeld: boolean;
}

/** A backend of a run older than these is long gone. */
const MOST = 200;

/**
 * The deployments of a target that were ever in a worker's hands, the newest first: by them a worker tells whether a
 * run that it meets on the target was given up on.
 */
export async function findEarlierRuns({ pool }: ControlDatabase, targetId: string): Promise<EarlierRun[]> {
  const { rows } = await pool.query<{ id: string; epoch: number; held: boolean }>({
    name: 'find-earlier-runs',
    // By the target's name as well, which never changes: history has its indexes by that.
    text: `SELECT d.id, d.epoch, d.status IN ('running', 'cancelling') AS held FROM control_plane.deployments d
      WHERE d.target_name = (SELECT t.name FROM control_plane.targets t WHERE t.id = $1) AND d.target_id = $1
        AND d.epoch > 0 ORDER BY d.created_at DESC, d.seq DESC LIMIT $2`,
    values: [targetId, MOST],
  });
  return rows.map((row) => ({ deploymentId: row.id, epoch: row.epoch, isHeld: row.held }));
}
