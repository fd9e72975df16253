import type { Mode } from '@postgres-manager/sql-deploy';
import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';
import type { Attempt, AttemptOutcome, Deployment, DeploymentDetail, Step, StepStatus } from './deployment.ts';
import type { DeploymentFailure } from './deployment-failure.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, iso, toDeployment } from './deployment-row.ts';
import type { DeploymentStatus } from './states.ts';

/** A row `d` of a target that the caller may use: removed targets keep their labels, and so their history its readers. */
const ALLOWED = (parameter: string): string => `EXISTS (SELECT FROM control_plane.targets t
  WHERE t.id = d.target_id AND t.labels @> ${parameter})`;

/** The same for a list: the targets are looked up once, and the rows judged as the list's index gives them. */
const ALLOWED_IN_LIST = (parameter: string): string =>
  `d.target_id = ANY (ARRAY(SELECT t.id FROM control_plane.targets t WHERE t.labels @> ${parameter}))`;

/** One deployment as lists show it; null when there is none of that id for the caller. */
export async function findDeployment(
  { pool }: ControlDatabase,
  id: string,
  allowed: Labels,
): Promise<Deployment | null> {
  const { rows } = await pool.query<DeploymentRow>({
    name: 'find-deployment',
    text: `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d WHERE d.id = $1 AND ${ALLOWED('$2')}`,
    values: [id, JSON.stringify(allowed)],
  });
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}

interface AttemptRow {
  number: number;
  worker_id: string;
  worker_host: string | null;
  started_at: Date;
  finished_at: Date | null;
  outcome: AttemptOutcome | null;
  failure: DeploymentFailure | null;
  backend_pid: number | null;
  server_version: string | null;
  lock_wait_ms: string;
}

interface StepRow {
  path: string;
  sha256: string;
  transactional: boolean;
  statement_count: number;
  status: StepStatus;
  attempt: number;
  started_at: Date | null;
  finished_at: Date | null;
  duration_ms: number | null;
  failure: DeploymentFailure | null;
}

/** Everything about one deployment; null when there is none of that id for the caller. */
export async function findDeploymentDetail(
  db: ControlDatabase,
  id: string,
  allowed: Labels,
): Promise<DeploymentDetail | null> {
  // First: what else is read is then at least as new, and a final deployment never shows a step that still runs.
  const deployment = await findDeployment(db, id, allowed);
  if (deployment === null) return null;
  const [attempts, steps] = await Promise.all([
    db.pool.query<AttemptRow>(
      `SELECT a.*, w.host AS worker_host FROM control_plane.attempts a LEFT JOIN control_plane.workers w ON w.id = a.worker_id
       WHERE a.deployment_id = $1 ORDER BY a.number`,
      [id],
    ),
    db.pool.query<StepRow>('SELECT * FROM control_plane.steps WHERE deployment_id = $1 ORDER BY position, path', [id]),
  ]);
  return { ...deployment, attempts: attempts.rows.map(toAttempt), steps: steps.rows.map(toStep) };
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    number: row.number,
    worker: row.worker_id,
    workerHost: row.worker_host,
    startedAt: row.started_at.toISOString(),
    finishedAt: iso(row.finished_at),
    outcome: row.outcome,
    failure: row.failure,
    backendPid: row.backend_pid,
    serverVersion: row.server_version,
    lockWaitMs: Number(row.lock_wait_ms),
  };
}

function toStep(row: StepRow): Step {
  return {
    path: row.path,
    sha256: row.sha256,
    transactional: row.transactional,
    statementCount: row.statement_count,
    status: row.status,
    attempt: row.attempt,
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
    durationMs: row.duration_ms,
    failure: row.failure,
  };
}

/** Which deployments to list. What is null does not filter. */
export interface DeploymentFilter {
  readonly target: string | null;
  readonly mode: Mode | null;
  readonly status: DeploymentStatus | null;
  readonly rollout: string | null;
  /** ISO 8601; the moment itself is in. */
  readonly createdAfter: string | null;
  /** ISO 8601; the moment itself is out. */
  readonly createdBefore: string | null;
}

/** Where a page ended: the last row's creation in microseconds since 1970, and its place among equals. */
export interface DeploymentCursor {
  readonly createdMicros: string;
  readonly seq: string;
}

/**
 * Deployments, newest first, from behind `after`. The same work at any depth and size: each mixture of filters has an
 * index in the order of the list, and only the conditions that were asked for are in the statement.
 */
export async function listDeployments(
  { pool }: ControlDatabase,
  query: {
    readonly filter: DeploymentFilter;
    readonly allowed: Labels;
    readonly after: DeploymentCursor | null;
    readonly limit: number;
  },
): Promise<{ items: Deployment[]; next: DeploymentCursor | null }> {
  const { filter, allowed, after, limit } = query;
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (filter.target !== null) conditions.push(`d.target_name = ${parameter(filter.target)}`);
  if (filter.mode !== null) conditions.push(`d.mode = ${parameter(filter.mode)}`);
  if (filter.status !== null) conditions.push(`d.status = ${parameter(filter.status)}`);
  if (filter.rollout !== null) conditions.push(`d.rollout_id = ${parameter(filter.rollout)}`);
  if (filter.createdAfter !== null) conditions.push(`d.created_at >= ${parameter(filter.createdAfter)}`);
  if (filter.createdBefore !== null) conditions.push(`d.created_at < ${parameter(filter.createdBefore)}`);
  if (after !== null) {
    const created = `'epoch'::timestamptz + ${parameter(after.createdMicros)}::bigint * interval '1 microsecond'`;
    conditions.push(`(d.created_at, d.seq) < (${created}, ${parameter(after.seq)}::bigint)`);
  }
  const most = parameter(limit + 1);
  // The condition on targets stays outside: the planner can't know how many rows it leaves, and would rather sort all
  // that the other filters find than read the list's index in order. OFFSET 0 keeps it out; the order stays.
  const [end, allowedOnly] =
    Object.keys(allowed).length > 0
      ? ['OFFSET 0', `WHERE ${ALLOWED_IN_LIST(parameter(JSON.stringify(allowed)))}`]
      : [`LIMIT ${most}`, ''];
  const { rows } = await pool.query<DeploymentRow & { created_micros: string; seq: string }>(
    `SELECT ${DEPLOYMENT_COLUMNS}, d.seq, (extract(epoch FROM d.created_at) * 1000000)::bigint AS created_micros
     FROM (SELECT * FROM control_plane.deployments d ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
           ORDER BY d.created_at DESC, d.seq DESC ${end}) d
     ${allowedOnly} LIMIT ${most}`,
    values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toDeployment),
    next: rows.length > limit && last !== undefined ? { createdMicros: last.created_micros, seq: last.seq } : null,
  };
}
