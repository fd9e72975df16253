import type { ControlDatabase } from '../database/control-database.ts';
import type { DeploymentEvent } from '../deployments/deployment.ts';
import type { Labels } from '../targets/labels.ts';

interface EventRow {
  deployment_id: string;
  number: number;
  id: string;
  at: Date;
  type: string;
  data: Record<string, unknown>;
}

/** By name: a prepared statement fails when what it gives changes, and a newer process may add a column. */
const EVENT_COLUMNS = 'e.deployment_id, e.number, e.id, e.at, e.type, e.data';

function toEvent(row: EventRow): DeploymentEvent {
  return {
    deploymentId: row.deployment_id,
    number: row.number,
    id: row.id,
    at: row.at.toISOString(),
    type: row.type,
    data: row.data,
  };
}

/** Where a watcher of one deployment stands. */
export interface EventPosition {
  readonly deploymentId: string;
  /** The number of the last event it has. */
  readonly after: number;
}

/**
 * What happened since, for many watchers in one statement: at most `limit` events of each deployment, in order.
 * Numbers of a deployment are given under its row's lock, so none can turn up below one that was read.
 */
export async function findEventsOf(
  { pool }: ControlDatabase,
  positions: readonly EventPosition[],
  limit: number,
): Promise<DeploymentEvent[]> {
  const { rows } = await pool.query<EventRow>({
    name: 'find-events-of',
    text: `SELECT ${EVENT_COLUMNS} FROM unnest($1::uuid[], $2::integer[]) AS p (deployment_id, after)
      CROSS JOIN LATERAL (SELECT * FROM control_plane.events e
        WHERE e.deployment_id = p.deployment_id AND e.number > p.after ORDER BY e.number LIMIT $3) e
      ORDER BY e.deployment_id, e.number`,
    values: [positions.map((p) => p.deploymentId), positions.map((p) => p.after), limit],
  });
  return rows.map(toEvent);
}

/** An event of the stream over all deployments, with what a reader's rights are judged by. */
export interface StreamedEvent extends DeploymentEvent {
  readonly target: string;
  readonly targetLabels: Labels;
}

/**
 * Events of all deployments behind an id, in the order of their ids. Ids are given before their transactions commit:
 * a lower one may turn up later, for as long as such a transaction may take.
 */
export async function findEventsAfter(
  { pool }: ControlDatabase,
  after: string,
  limit: number,
): Promise<StreamedEvent[]> {
  const { rows } = await pool.query<EventRow & { target_name: string; labels: Labels }>({
    name: 'find-events-after',
    text: `SELECT ${EVENT_COLUMNS}, d.target_name, t.labels FROM control_plane.events e
      JOIN control_plane.deployments d ON d.id = e.deployment_id JOIN control_plane.targets t ON t.id = d.target_id
      WHERE e.id > $1 ORDER BY e.id LIMIT $2`,
    values: [after, limit],
  });
  return rows.map((row) => ({ ...toEvent(row), target: row.target_name, targetLabels: row.labels }));
}

/** Those of the given ids that are there by now: for gaps that were seen. */
export async function findEventsById({ pool }: ControlDatabase, ids: readonly string[]): Promise<StreamedEvent[]> {
  const { rows } = await pool.query<EventRow & { target_name: string; labels: Labels }>({
    name: 'find-events-by-id',
    text: `SELECT ${EVENT_COLUMNS}, d.target_name, t.labels FROM control_plane.events e
      JOIN control_plane.deployments d ON d.id = e.deployment_id JOIN control_plane.targets t ON t.id = d.target_id
      WHERE e.id = ANY ($1::bigint[]) ORDER BY e.id`,
    values: [ids],
  });
  return rows.map((row) => ({ ...toEvent(row), target: row.target_name, targetLabels: row.labels }));
}

/** The highest id so far: where a stream without a `Last-Event-ID` begins. */
export async function latestEventId({ pool }: ControlDatabase): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM control_plane.events');
  return rows[0]?.id ?? '0';
}
