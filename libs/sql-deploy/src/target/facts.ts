import { SqlDeployError } from '../errors.ts';
import { LOCK_KEY } from './lock.ts';
import { isServerError } from './server-error.ts';
import type { Session } from './session.ts';
import type { TextRow } from './simple-query.ts';
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
  readonly legacyTableReadable: boolean;
  readonly legacyTableWritable: boolean;
  /** Event triggers run code of the user's at every definition. */
  readonly hasEventTriggers: boolean;
  readonly gotLock: boolean;
}

/** How to reach for the target's lock. */
export interface LockAttempt {
  /** Also where the server process is another than the one announced: behind a pooler the lock may stay with it. */
  readonly throughPooler: boolean;
  /** The session's name from then on: who has the lock must be known by it. */
  readonly sessionName: string;
}

/**
 * Asks all there is to know, and reaches for the lock, in one round trip; where the older script's table is, in two.
 * @param attempt null to leave the lock alone
 * @throws SqlDeployError permission_missing, where the role may not even look into the ledger's schema
 */
export async function readFacts(session: Session, attempt: LockAttempt | null): Promise<TargetFacts> {
  const row = await withRights(session, () => session.row(factsSql(session, attempt)));
  return await toFacts(session, row);
}

/** One SELECT of one row, for `toFacts`. */
export function factsSql(session: Session, attempt: LockAttempt | null): string {
  const lock = attempt === null ? 'false' : tryLockSql(session, attempt);
  return `SELECT ${[...Object.values(FACT_EXPRESSIONS), lock].join(',\n')}\nFROM ${LEDGER_TABLES}`;
}

/** What `factsSql` gave; asks for more where the older script's table is. */
export async function toFacts(session: Session, row: TextRow): Promise<TargetFacts> {
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
    ...(flag('hasLegacyName') ? await readLegacyFacts(session) : NO_LEGACY_TABLE),
    hasEventTriggers: flag('hasEventTriggers'),
    gotLock: flag('gotLock'),
  };
}

/**
 * Runs what needs rights on the ledger, and nothing else that needs a right of its own.
 * @throws SqlDeployError permission_missing
 */
export async function withRights<T>(session: Session, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isServerError(error) || error.code !== '42501') throw error;
    const [user] = await session.row('SELECT current_user');
    throw missingLedgerGrant(user ?? '');
  }
}

/** The role may not use the ledger that is there. */
export function missingLedgerGrant(user: string): SqlDeployError {
  return new SqlDeployError(
    'permission_missing',
    `The role ${user} may not use the ledger in schema postgres_manager. Nothing was changed.`,
    `As its owner: GRANT USAGE ON SCHEMA postgres_manager TO "${user}"; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA postgres_manager TO "${user}";`,
  );
}

type LegacyFacts = Pick<TargetFacts, 'legacyTable' | 'legacyTableReadable' | 'legacyTableWritable'>;

const NO_LEGACY_TABLE: LegacyFacts = { legacyTable: null, legacyTableReadable: true, legacyTableWritable: true };

/** Asked for only where something has that name: few databases have, and planning this costs as much as all else. */
async function readLegacyFacts(session: Session): Promise<LegacyFacts> {
  const [table, readable, writable] = await session.row(
    `SELECT ${LEGACY_TABLE_EXPRESSION}, pg_catalog.has_table_privilege(${LEGACY}, 'SELECT'),
       pg_catalog.has_table_privilege(${LEGACY}, 'INSERT')`,
  );
  if (table == null) return NO_LEGACY_TABLE;
  return { legacyTable: table, legacyTableReadable: readable === 't', legacyTableWritable: writable === 't' };
}

/** The name comes first: nobody must find the lock held by a session that has none. */
function tryLockSql(session: Session, { throughPooler, sessionName }: LockAttempt): string {
  return `CASE WHEN NOT (${throughPooler} OR pg_catalog.pg_backend_pid() = ${session.backendPid}) THEN false
    WHEN pg_catalog.set_config('application_name', ${literal(sessionName)}, false) IS NULL THEN false
    ELSE pg_catalog.pg_try_advisory_lock(${LOCK_KEY}) END`;
}

/** `to_regclass` follows the search_path, as the older script did. */
const LEGACY = "pg_catalog.to_regclass('tbl_deployments')";
const LEGACY_COLUMNS = "ARRAY['file_name', 'manual_deployment', 'date_applied']::name[]";

/** The older script's table, quoted and qualified; null where there is none of that shape. */
export const LEGACY_TABLE_EXPRESSION = `(SELECT pg_catalog.format('%s.%I', c.relnamespace::pg_catalog.regnamespace, c.relname)
  FROM pg_catalog.pg_class c WHERE c.oid = ${LEGACY} AND c.relkind IN ('r', 'p')
    AND (SELECT count(*) FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY (${LEGACY_COLUMNS})) = 3)`;

/** The ledger's tables by name, null where there is none. Each backend is new, so what counts is how little it looks up. */
const LEDGER_TABLES = `(VALUES (${['ledger', 'instance', 'intent']
  .map((table) => `pg_catalog.to_regclass('postgres_manager.${table}')::oid`)
  .join(', ')})) AS tables (ledger, instance, intent)`;

/** Rights are asked one by one: in one call the server takes any of them for enough. Null where a table is missing. */
function rightsTo(...rights: readonly string[]): string {
  const each = ['ledger', 'instance', 'intent'].flatMap((table) =>
    rights.map((right) => `pg_catalog.has_table_privilege(tables.${table}, '${right}')`),
  );
  return `coalesce(${each.join(' AND ')}, true)`;
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
    THEN (pg_catalog.pg_control_system()).system_identifier END`,
  searchPath: "pg_catalog.current_setting('search_path')",
  synchronousCommit: "pg_catalog.current_setting('synchronous_commit')",
  hasLedger: 'tables.ledger IS NOT NULL',
  ledgerReadable: rightsTo('SELECT'),
  ledgerWritable: rightsTo('SELECT', 'INSERT', 'UPDATE', 'DELETE'),
  mayCreateSchema: "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
  hasLegacyName: `${LEGACY} IS NOT NULL`,
  hasEventTriggers: 'EXISTS (SELECT FROM pg_catalog.pg_event_trigger)',
} as const;
