import type { ControlDatabase } from '../database/control-database.ts';

/** A worker process, as it last reported. Times are ISO 8601, UTC. */
export interface WorkerInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly concurrency: number;
  readonly running: number;
  readonly startedAt: string;
  readonly heartbeatAt: string;
  /** It was heard of lately and has not said goodbye. */
  readonly alive: boolean;
}

/** A worker not heard of for so long is not counted among the living. */
const ALIVE_SECONDS = 15;
const KEPT_DAYS = 7;

/** Says that a worker lives and how much it has to do. */
export async function reportWorker(
  { pool }: ControlDatabase,
  worker: Pick<WorkerInfo, 'id' | 'host' | 'pid' | 'version' | 'concurrency' | 'running'>,
): Promise<void> {
  await pool.query(
    `INSERT INTO control_plane.workers (id, host, pid, version, concurrency, running) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET running = excluded.running, heartbeat_at = clock_timestamp(), stopped_at = NULL`,
    [worker.id, worker.host, worker.pid, worker.version, worker.concurrency, worker.running],
  );
}

/** Says that a worker has stopped. */
export async function reportWorkerStopped({ pool }: ControlDatabase, id: string): Promise<void> {
  await pool.query(
    `UPDATE control_plane.workers SET stopped_at = clock_timestamp(), heartbeat_at = clock_timestamp(), running = 0 WHERE id = $1`,
    [id],
  );
}

/** Workers heard of within the last days, the living first. */
export async function listWorkers({ pool }: ControlDatabase): Promise<WorkerInfo[]> {
  const { rows } = await pool.query<{
    id: string;
    host: string;
    pid: number;
    version: string;
    concurrency: number;
    running: number;
    started_at: Date;
    heartbeat_at: Date;
    alive: boolean;
  }>(
    `SELECT *, stopped_at IS NULL AND heartbeat_at > clock_timestamp() - $1 * interval '1 second' AS alive
     FROM control_plane.workers WHERE heartbeat_at > clock_timestamp() - $2 * interval '1 day'
     ORDER BY alive DESC, heartbeat_at DESC LIMIT 1000`,
    [ALIVE_SECONDS, KEPT_DAYS],
  );
  return rows.map((row) => ({
    id: row.id,
    host: row.host,
    pid: row.pid,
    version: row.version,
    concurrency: row.concurrency,
    running: row.running,
    startedAt: row.started_at.toISOString(),
    heartbeatAt: row.heartbeat_at.toISOString(),
    alive: row.alive,
  }));
}
