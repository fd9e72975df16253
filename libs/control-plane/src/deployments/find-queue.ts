import type { ControlDatabase } from '../database/control-database.ts';
import { FROZEN_TARGETS } from '../freezes/freeze.ts';
import type { Labels } from '../targets/labels.ts';
import type { Deployment, WaitingFor } from './deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, iso, toDeployment } from './deployment-row.ts';
import type { DeploymentStatus } from './states.ts';

/** What is under way or does not move, as of one moment. Times are ISO 8601, UTC. */
export interface Queue {
  readonly byStatus: readonly QueueStatus[];
  /** What waits, by what it waits for; the most frequent first. */
  readonly reasons: readonly QueueReason[];
  /** The lines of the targets, the longest first. */
  readonly lines: readonly QueueLine[];
  /** What `lines` has no room for. */
  readonly rest: { readonly targets: number; readonly waiting: number };
}

export interface QueueStatus {
  readonly status: DeploymentStatus;
  readonly count: number;
  /** Since when the oldest of them is under way, or could be. */
  readonly oldest: string;
}

export interface QueueReason {
  readonly kind: WaitingFor['kind'];
  readonly count: number;
  readonly oldest: string;
  /** The oldest; null when it has moved on since. */
  readonly example: QueuePlace | null;
}

export interface QueueLine {
  readonly target: string;
  /** How many wait: queued, or scheduled for later. */
  readonly waiting: number;
  /** The one that is under way, or else the one whose turn it is next; null when it has moved on since. */
  readonly head: QueuePlace | null;
}

/** A deployment with what it waits for. */
export interface QueuePlace extends Pick<Deployment, 'id' | 'target' | 'status' | 'waitingFor'> {
  /** Since when it is under way, or could be. */
  readonly since: string;
}

interface QueueRow {
  by_status: { status: DeploymentStatus; count: number; oldest: string }[] | null;
  reasons: { kind: WaitingFor['kind']; count: number; oldest: string; example: string }[] | null;
  lines: { target: string; waiting: number; head: string }[] | null;
  targets: number;
  waiting: number;
}

/** What runs is under way since it began; what waits could have begun when it was entered, or at its own time. */
const SINCE = `CASE WHEN d.status IN ('running', 'cancelling') THEN coalesce(d.started_at, d.created_at)
  ELSE greatest(d.created_at, d.not_before) END`;

/**
 * Everything that is not final, put together. Reads each of those deployments once, and nothing of the history.
 * @param most how many lines are listed
 */
export async function findQueue(db: ControlDatabase, allowed: Labels, most: number): Promise<Queue> {
  const found = await readQueue(db, allowed, most);
  const lines = found.lines ?? [];
  const reasons = found.reasons ?? [];
  const places = await findPlaces(db, [...lines.map(({ head }) => head), ...reasons.map(({ example }) => example)]);
  const listed = lines.reduce((sum, { waiting }) => sum + waiting, 0);
  return {
    byStatus: found.by_status ?? [],
    reasons: reasons.map(({ example, ...reason }) => ({ ...reason, example: places.get(example) ?? null })),
    lines: lines.map(({ head, ...line }) => ({ ...line, head: places.get(head) ?? null })),
    rest: { targets: found.targets - lines.length, waiting: found.waiting - listed },
  };
}

/** The kinds of `waitingFor` are those of `waiting-for.ts`, judged for all at once rather than one by one. */
async function readQueue({ pool }: ControlDatabase, allowed: Labels, most: number): Promise<QueueRow> {
  const limited = Object.keys(allowed).length > 0;
  const { rows } = await pool.query<QueueRow>(
    `WITH unfinished AS MATERIALIZED (
       SELECT d.id, d.target_id, d.target_name, d.status, d.dry_run, d.waiting ->> 'kind' AS waiting, ${SINCE} AS since,
         row_number() OVER (PARTITION BY d.target_id
           ORDER BY d.status IN ('running', 'cancelling') DESC, d.status = 'queued' DESC, d.priority DESC, d.seq) AS place
       FROM control_plane.deployments d WHERE d.status IN ('scheduled', 'queued', 'running', 'cancelling')
         ${limited ? 'AND d.target_id = ANY (ARRAY(SELECT t.id FROM control_plane.targets t WHERE t.labels @> $2))' : ''}
     ), frozen AS MATERIALIZED (
       SELECT DISTINCT target_id FROM (${FROZEN_TARGETS}) AS frozen (target_id)
     ), judged AS MATERIALIZED (
       SELECT u.*, CASE
           WHEN u.status = 'scheduled' THEN 'time'
           WHEN u.status <> 'queued' THEN NULL
           WHEN NOT u.dry_run AND frozen.target_id IS NOT NULL THEN 'freeze'
           WHEN u.place > 1 THEN 'predecessor'
           WHEN u.waiting = 'lock' THEN 'lock'
           WHEN u.waiting = 'retry' THEN 'time'
           ELSE 'worker' END AS kind
       FROM unfinished u LEFT JOIN frozen USING (target_id)
     ), lines AS MATERIALIZED (
       SELECT target_id, min(target_name) AS target, count(*) FILTER (WHERE status IN ('scheduled', 'queued')) AS waiting,
         (array_agg(id) FILTER (WHERE place = 1))[1] AS head
       FROM judged GROUP BY target_id
     ) SELECT
       (SELECT jsonb_agg(s ORDER BY s.count DESC, s.status) FROM (
          SELECT status, count(*), ${utc('min(since)')} AS oldest FROM judged GROUP BY status) s) AS by_status,
       (SELECT jsonb_agg(r ORDER BY r.count DESC, r.kind) FROM (
          SELECT kind, count(*), ${utc('min(since)')} AS oldest, (array_agg(id ORDER BY since, id))[1] AS example
          FROM judged WHERE kind IS NOT NULL GROUP BY kind) r) AS reasons,
       (SELECT jsonb_agg(jsonb_build_object('target', l.target, 'waiting', l.waiting, 'head', l.head)
          ORDER BY l.waiting DESC, l.target) FROM (
          SELECT * FROM lines ORDER BY waiting DESC, target LIMIT $1) l) AS lines,
       (SELECT count(*)::int FROM lines) AS targets, (SELECT coalesce(sum(waiting), 0)::int FROM lines) AS waiting`,
    limited ? [most, JSON.stringify(allowed)] : [most],
  );
  return rows[0] as QueueRow;
}

function utc(time: string): string {
  return `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** By id. What has become final meanwhile is still told, as it is now. */
async function findPlaces({ pool }: ControlDatabase, ids: readonly string[]): Promise<Map<string, QueuePlace>> {
  const { rows } = await pool.query<DeploymentRow & { since: Date }>(
    `SELECT ${DEPLOYMENT_COLUMNS}, ${SINCE} AS since FROM control_plane.deployments d WHERE d.id = ANY ($1::uuid[])`,
    [ids],
  );
  return new Map(
    rows.map((row) => {
      const { id, target, status, waitingFor } = toDeployment(row);
      return [id, { id, target, status, waitingFor, since: iso(row.since) ?? '' }];
    }),
  );
}
