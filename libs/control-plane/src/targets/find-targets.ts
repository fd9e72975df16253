import type { ControlDatabase } from '../database/control-database.ts';
import { LAST_DEPLOYMENT, lastDeployment } from '../deployments/last-deployment.ts';
import type { LedgerFile } from '../deployments/transitions/target-seen.ts';
import type { Labels } from './labels.ts';
import type { Target, TargetLedger } from './target.ts';

interface TargetViewRow {
  name: string;
  labels: Labels;
  dsn_env: string | null;
  host: string | null;
  port: number | null;
  database_name: string | null;
  user_name: string | null;
  tls: string | null;
  accept_pooler: boolean;
  lock_timeout_ms: number | null;
  statement_timeout_ms: number | null;
  created_at: Date;
  updated_at: Date;
  last_deployment: { id: string; status: string; createdAt: string } | null;
  ledger_create: 'not_started' | 'started' | 'complete' | null;
  ledger_version: string | null;
  ledger_applied: number | null;
  ledger_last: { path: string; appliedAt: string } | null;
  ledger_read_at: Date | null;
}

const VIEW = `SELECT t.name, t.labels, t.dsn_env, t.host, t.port, t.database_name, t.user_name, t.tls, t.accept_pooler,
    t.lock_timeout_ms, t.statement_timeout_ms, t.created_at, t.updated_at,
    ${lastDeployment('t', LAST_DEPLOYMENT)} AS last_deployment,
    l.create_state AS ledger_create, l.server_version AS ledger_version, l.applied AS ledger_applied,
    l.last_file AS ledger_last, l.read_at AS ledger_read_at
  FROM control_plane.targets t LEFT JOIN control_plane.target_ledgers l ON l.target_id = t.id`;

/** One target, if it is there and has the labels that the caller is limited to; else null. */
export async function findTarget({ pool }: ControlDatabase, name: string, allowed: Labels): Promise<Target | null> {
  const { rows } = await pool.query<TargetViewRow>(
    `${VIEW} WHERE t.name = $1 AND t.removed_at IS NULL AND t.labels @> $2`,
    [name, JSON.stringify(allowed)],
  );
  return rows[0] === undefined ? null : toTarget(rows[0]);
}

/** Targets that have all of `labels`, by name, those behind `after`; one more than the page tells of a next one. */
export async function listTargets(
  { pool }: ControlDatabase,
  query: { readonly labels: Labels; readonly allowed: Labels; readonly after: string; readonly limit: number },
): Promise<Target[]> {
  const { rows } = await pool.query<TargetViewRow>(
    `${VIEW} WHERE t.removed_at IS NULL AND t.labels @> $1 AND t.labels @> $2 AND t.name > $3 ORDER BY t.name LIMIT $4`,
    [JSON.stringify(query.labels), JSON.stringify(query.allowed), query.after, query.limit],
  );
  return rows.map(toTarget);
}

/** The ledger of a target as a worker last saw it; null when none has, or there is no such target for the caller. */
export async function findTargetLedger(
  { pool }: ControlDatabase,
  name: string,
  allowed: Labels,
): Promise<TargetLedger | null> {
  const { rows } = await pool.query<{
    create_state: TargetLedger['create'];
    server_version: string;
    files: LedgerFile[];
    read_at: Date;
  }>(
    `SELECT l.create_state, l.server_version, l.files, l.read_at
     FROM control_plane.targets t JOIN control_plane.target_ledgers l ON l.target_id = t.id
     WHERE t.name = $1 AND t.removed_at IS NULL AND t.labels @> $2`,
    [name, JSON.stringify(allowed)],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    create: row.create_state,
    serverVersion: row.server_version,
    readAt: row.read_at.toISOString(),
    files: row.files,
  };
}

function toTarget(row: TargetViewRow): Target {
  return {
    name: row.name,
    labels: row.labels,
    dsnEnv: row.dsn_env,
    host: row.host,
    port: row.port,
    database: row.database_name,
    user: row.user_name,
    tls: row.tls,
    acceptPooler: row.accept_pooler,
    lockTimeoutMs: row.lock_timeout_ms,
    statementTimeoutMs: row.statement_timeout_ms,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    lastDeployment: row.last_deployment,
    ledger:
      row.ledger_create === null
        ? null
        : {
            create: row.ledger_create,
            serverVersion: row.ledger_version ?? '',
            applied: row.ledger_applied ?? 0,
            lastDeploymentFile: row.ledger_last,
            readAt: row.ledger_read_at?.toISOString() ?? '',
          },
  };
}
