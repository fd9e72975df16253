import type { ControlDatabase } from '../../database/control-database.ts';
import {
  BACKEND_COLUMNS,
  type Held,
  leaseLost,
  type Progress,
  PROGRESS_WRITES,
  progressValues,
} from './progress-writes.ts';

/**
 * Writes down how a run goes, once: the same batch may be given again after its answer was lost on its way.
 * @param lastEvent the number of the deployment's latest event, as the claim or the batch before this one gave it
 * @returns the number of its latest event from now on
 * @throws ControlPlaneError lease_lost
 */
export async function recordProgress(
  db: ControlDatabase,
  held: Held,
  progress: Progress,
  lastEvent: number,
): Promise<number> {
  for (let known = lastEvent; ; ) {
    const written = await write(db, held, progress, known);
    if (written !== null) return written;
    // Either it is written already, or a request to cancel came in between, which comes once.
    const present = await look(db, held, progress, lastEvent);
    if (present.isWritten) return present.lastEvent;
    known = present.lastEvent;
  }
}

/**
 * Only onto the event that is known to be the latest: so a batch that is sent twice, or reaches the server when its
 * worker has long given up its connection, is written once. The condition is on the row itself, since a statement that
 * waited for the row's lock sees that anew, but other tables as they were when it began.
 * @returns null when the latest event is another, or the deployment not in this worker's hands
 */
async function write(
  { pool }: ControlDatabase,
  held: Held,
  progress: Progress,
  lastEvent: number,
): Promise<number | null> {
  const { rows } = await pool.query<{ last_event: number }>({
    name: 'record-progress',
    text: `WITH mine AS (
        UPDATE control_plane.deployments SET last_event = last_event + jsonb_array_length($4::jsonb)
        WHERE id = $1 AND epoch = $2 AND status IN ('running', 'cancelling') AND last_event = $7
        RETURNING id, attempt, last_event, last_event - jsonb_array_length($4::jsonb) AS events_before
      ), ${PROGRESS_WRITES}, backend AS (
        UPDATE control_plane.attempts a SET ${BACKEND_COLUMNS} FROM mine
        WHERE a.deployment_id = mine.id AND a.number = mine.attempt AND ($5::integer IS NOT NULL OR $6::text IS NOT NULL)
      ) SELECT last_event FROM mine`,
    values: [held.id, held.epoch, ...progressValues(progress), lastEvent],
  });
  return rows[0]?.last_event ?? null;
}

/** Since `lastEvent` only this batch can have come, whole, and a request to cancel, which is of another type. */
async function look(
  { pool }: ControlDatabase,
  held: Held,
  progress: Progress,
  lastEvent: number,
): Promise<{ readonly lastEvent: number; readonly isWritten: boolean }> {
  const { rows } = await pool.query<{ last_event: number; is_written: boolean }>(
    `SELECT d.last_event, EXISTS (SELECT FROM control_plane.events e
       WHERE e.deployment_id = d.id AND e.number > $3 AND e.type = $4) AS is_written
     FROM control_plane.deployments d WHERE d.id = $1 AND d.epoch = $2 AND d.status IN ('running', 'cancelling')`,
    [held.id, held.epoch, lastEvent, progress.events[0]?.type ?? null],
  );
  const row = rows[0];
  if (row === undefined) throw leaseLost(held);
  return { lastEvent: row.last_event, isWritten: row.is_written };
}
