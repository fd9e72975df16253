import { SqlDeployError } from '../errors.ts';
import type { TargetOptions } from '../execute/options.ts';
import type { Session } from './session.ts';
import { LOCK_KEY } from './lock.ts';
import { literal } from './sql-text.ts';

/** What a target says of itself on first contact. */
export interface TargetFacts {
  readonly database: string;
  readonly user: string;
  readonly backendPid: number;
  readonly serverVersion: string;
  /** 150018 for 15.18. */
  readonly versionNumber: number;
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  /** Null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly searchPath: string;
  /** What a commit waits for by the server's own settings, at least the local disk. */
  readonly synchronousCommit: string;
  readonly hasLedger: boolean;
  /** The role may read the ledger; true where there is none. */
  readonly ledgerReadable: boolean;
  /** The role has every right on the ledger that a run needs; true where there is none. */
  readonly ledgerWritable: boolean;
  readonly mayCreateSchema: boolean;
  /** The older script's table: quoted and qualified, or null. */
  readonly legacyTable: string | null;
  readonly legacyTableWritable: boolean;
  /** Event triggers run code of the user's at every definition. */
  readonly hasEventTriggers: boolean;
  readonly gotLock: boolean;
}

/** How long a statement waits for a lock, unless the options say otherwise. */
export const DEFAULT_LOCK_TIMEOUT_MS = 5000;

/** Settings that hold for the whole run: whatever a file changes is put back to these. */
export function pinnedSettings(options: TargetOptions, facts: TargetFacts): ReadonlyMap<string, string> {
  const settings = new Map([
    ['search_path', facts.searchPath],
    ['lock_timeout', String(options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS)],
    ['statement_timeout', String(options.statementTimeoutMs ?? 0)],
    // A client that died between two statements must not keep its locks.
    ['idle_in_transaction_session_timeout', '60000'],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, MDY'],
    ['standard_conforming_strings', 'on'],
    ['client_min_messages', 'notice'],
    ['default_transaction_read_only', 'off'],
    ['application_name', 'postgres-manager'],
    // Steps and their ledger rows are lost or kept together, so that only the end of a run waits for the disk.
    ['synchronous_commit', 'off'],
    ['tcp_keepalives_idle', '10'],
    ['tcp_keepalives_interval', '5'],
    ['tcp_keepalives_count', '3'],
  ]);
  if (facts.versionNumber >= 140000) {
    // The server notices a dead client while a statement runs, and rolls back instead of committing.
    settings.set('client_connection_check_interval', '1000');
    settings.set('idle_session_timeout', '0');
  }
  return settings;
}

/** One SELECT that sets the settings for the session. */
export function pinSql(settings: ReadonlyMap<string, string>): string {
  const calls = [...settings].map(
    ([name, value]) => `pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`,
  );
  return `SELECT ${calls.join(', ')}`;
}

/**
 * Asks all there is to know, and reaches for the lock, in one round trip.
 * @param lock whether to try for the target's lock (a dry run does not); `if_direct` tries only where the server
 *   process is the one that was announced: behind a pooler the lock would stay with a connection that is not ours
 */
export async function readFacts(session: Session, lock: boolean | 'if_direct'): Promise<TargetFacts> {
  const tryLock = `pg_catalog.pg_try_advisory_lock(${LOCK_KEY})`;
  const row = await session.row(`SELECT ${Object.values(FACT_EXPRESSIONS).join(',\n')},
    CASE WHEN ${lock === 'if_direct' ? `pg_catalog.pg_backend_pid() = ${session.backendPid}` : lock} THEN ${tryLock} ELSE false END`);
  const values = new Map([...Object.keys(FACT_EXPRESSIONS), 'gotLock'].map((name, i) => [name, row[i] ?? null]));
  const text = (name: string): string => values.get(name) ?? '';
  const flag = (name: string): boolean => values.get(name) === 't';
  return {
    database: text('database'),
    user: text('user'),
    backendPid: Number(text('pid')),
    serverVersion: text('version'),
    versionNumber: Number(text('versionNumber')),
    inRecovery: flag('inRecovery'),
    readOnly: text('readOnly') === 'on',
    systemIdentifier: values.get('systemIdentifier') ?? null,
    searchPath: text('searchPath'),
    synchronousCommit: text('synchronousCommit') === 'off' ? 'local' : text('synchronousCommit'),
    hasLedger: flag('hasLedger'),
    ledgerReadable: flag('ledgerReadable'),
    ledgerWritable: flag('ledgerWritable'),
    mayCreateSchema: flag('mayCreateSchema'),
    legacyTable: values.get('legacyTable') ?? null,
    legacyTableWritable: flag('legacyTableWritable'),
    hasEventTriggers: flag('hasEventTriggers'),
    gotLock: flag('gotLock'),
  };
}

/** `to_regclass` follows the search_path, as the older script did. */
const LEGACY = "pg_catalog.to_regclass('tbl_deployments')";
const LEGACY_COLUMNS = "ARRAY['file_name', 'manual_deployment', 'date_applied']::name[]";

/** The older script's table, quoted and qualified; null where there is none of that shape. */
export const LEGACY_TABLE_EXPRESSION = `(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = ${LEGACY} AND c.relkind IN ('r', 'p')
    AND (SELECT count(*) FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY (${LEGACY_COLUMNS})) = 3)`;

/** Looked up in the catalog: to_regclass raises an error for a role without USAGE on the schema. */
const LEDGER_TABLES = `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'postgres_manager' AND c.relkind = 'r'`;

function ledgerRights(rights: readonly string[]): string {
  // Asked one by one: in one call the server takes any of them for enough.
  const each = rights.map((right) => `pg_catalog.has_table_privilege(c.oid, '${right}')`).join(' AND ');
  return `(SELECT coalesce(pg_catalog.bool_and(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND ${each}), true)
    FROM ${LEDGER_TABLES})`;
}

const FACT_EXPRESSIONS = {
  database: 'pg_catalog.current_database()',
  user: 'current_user',
  pid: 'pg_catalog.pg_backend_pid()',
  version: "pg_catalog.current_setting('server_version')",
  versionNumber: "pg_catalog.current_setting('server_version_num')",
  inRecovery: 'pg_catalog.pg_is_in_recovery()',
  readOnly: "pg_catalog.current_setting('default_transaction_read_only')",
  systemIdentifier: `CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
    THEN (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) END`,
  searchPath: "pg_catalog.current_setting('search_path')",
  synchronousCommit: "pg_catalog.current_setting('synchronous_commit')",
  hasLedger: `EXISTS (SELECT FROM ${LEDGER_TABLES} AND c.relname = 'ledger')`,
  ledgerReadable: ledgerRights(['SELECT']),
  ledgerWritable: ledgerRights(['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
  mayCreateSchema: "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
  legacyTable: LEGACY_TABLE_EXPRESSION,
  legacyTableWritable: `CASE WHEN ${LEGACY} IS NULL THEN true ELSE
    pg_catalog.has_table_privilege(${LEGACY}, 'SELECT') AND pg_catalog.has_table_privilege(${LEGACY}, 'INSERT') END`,
  hasEventTriggers: 'EXISTS (SELECT FROM pg_catalog.pg_event_trigger)',
} as const;

const OLDEST_SERVER = 120000;

/**
 * The guards that need no ledger: a target that cannot or must not be changed is refused before the first statement.
 * @throws SqlDeployError standby, read_only, pooler, server_too_old or permission_missing
 */
export function guard(facts: TargetFacts, session: Session, options: TargetOptions, readsOnly: boolean): void {
  if (session.backendPid !== facts.backendPid && options.acceptPooler !== true) {
    throw new SqlDeployError(
      'pooler',
      'A connection pooler answers at this address: the server process is another than the one announced. Behind a pooler in transaction mode the lock on the target would be lost. Nothing was changed.',
      'Give the address of the server itself. If the pooler is in session mode, --accept-pooler says so.',
    );
  }
  if (facts.versionNumber < OLDEST_SERVER) {
    throw new SqlDeployError(
      'server_too_old',
      `The server is PostgreSQL ${facts.serverVersion}; 12 is the oldest that this tool works with. Nothing was changed.`,
      'Upgrade the server.',
    );
  }
  if (readsOnly) {
    if (!facts.ledgerReadable) throw missingLedgerGrant(facts);
    return;
  }
  if (facts.inRecovery) {
    throw new SqlDeployError(
      'standby',
      'This server is a standby and takes no changes. Nothing was changed.',
      'Give the address of the primary.',
    );
  }
  if (facts.readOnly) {
    throw new SqlDeployError(
      'read_only',
      'This database, role or server is set to read-only (default_transaction_read_only = on). Nothing was changed.',
      'Find out why it was set; then ALTER DATABASE or ALTER ROLE … RESET default_transaction_read_only.',
    );
  }
  guardPermissions(facts);
}

function guardPermissions(facts: TargetFacts): void {
  const user = `"${facts.user}"`;
  if (!facts.hasLedger && !facts.mayCreateSchema) {
    throw new SqlDeployError(
      'permission_missing',
      `The role ${facts.user} may not create the ledger: it has no CREATE on the database ${facts.database}. Nothing was changed.`,
      `As owner of the database: GRANT CREATE ON DATABASE "${facts.database}" TO ${user};`,
    );
  }
  if (!facts.ledgerWritable) throw missingLedgerGrant(facts);
  if (facts.legacyTable !== null && !facts.legacyTableWritable) {
    throw new SqlDeployError(
      'permission_missing',
      `The role ${facts.user} may not read and write ${facts.legacyTable}, which is kept in step with the ledger. Nothing was changed.`,
      `As its owner: GRANT SELECT, INSERT ON ${facts.legacyTable} TO ${user};`,
    );
  }
}

function missingLedgerGrant(facts: TargetFacts): SqlDeployError {
  const user = `"${facts.user}"`;
  return new SqlDeployError(
    'permission_missing',
    `The role ${facts.user} may not use the ledger in schema postgres_manager. Nothing was changed.`,
    `As its owner: GRANT USAGE ON SCHEMA postgres_manager TO ${user}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA postgres_manager TO ${user};`,
  );
}
