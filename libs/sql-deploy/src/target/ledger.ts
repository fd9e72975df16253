import type { Folder, Mode } from '../bundle/bundle.ts';
import { EMPTY_STATE, type IntentRow, type LedgerRow, type LedgerState, type Origin } from '../plan/ledger-state.ts';
import type { TargetFacts } from './facts.ts';
import type { Session } from './session.ts';
import { literal } from './sql-text.ts';
import type { TextRow } from './simple-query.ts';

/**
 * The tables in the target. `IF NOT EXISTS` throughout, so that a role without CREATE can find them made.
 *
 * On first contact making them is most of what a small deployment costs, and later reading them is: each connection is
 * new, and learns each index, TOAST table, CHECK and DEFAULT anew. So there are as few as can be. `instance` has columns
 * of bounded length and no TOAST table; it and `intent`, which hold a row or two and are written under the target's lock
 * alone, have no index. Folders and origins are checked by the types of who writes them, and times are given.
 */
const CREATE_LEDGER = `
CREATE SCHEMA IF NOT EXISTS postgres_manager;
COMMENT ON SCHEMA postgres_manager IS 'What Postgres Manager applied here. Do not change by hand.';
CREATE TABLE IF NOT EXISTS postgres_manager.instance (
  ledger_version integer NOT NULL,
  system_identifier varchar(30),
  database_name name NOT NULL,
  create_started_at timestamptz,
  create_completed_at timestamptz,
  last_run_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS postgres_manager.ledger (
  folder text NOT NULL,
  file_name text NOT NULL,
  sha256 text,
  origin text NOT NULL,
  deployment_id text,
  applied_by text NOT NULL,
  applied_at timestamptz NOT NULL,
  duration_ms double precision,
  PRIMARY KEY (folder, file_name)
);
CREATE TABLE IF NOT EXISTS postgres_manager.intent (
  folder text NOT NULL,
  file_name text NOT NULL,
  sha256 text NOT NULL,
  deployment_id text,
  started_by text NOT NULL,
  started_at timestamptz NOT NULL,
  statements_done integer NOT NULL,
  done_sha256 text NOT NULL,
  statement_running integer
);`;

const LEDGER_VERSION = 1;

/** A timestamptz as seconds, which no setting of the session changes: for `isoTime`. */
export const epochSql = (column: string): string => `extract(epoch from ${column})`;

/** What `epochSql` gave, as ISO 8601, UTC; cut to milliseconds, as the server does. */
export function isoTime(seconds: string | null | undefined): string {
  const microseconds = Math.round(Number(seconds ?? Number.NaN) * 1e6);
  return Number.isNaN(microseconds) ? '' : new Date(Math.floor(microseconds / 1000)).toISOString();
}

/** What the target was when its ledger was made; guards against running on another one. */
export interface Identity {
  readonly systemIdentifier: string | null;
  readonly database: string;
}

export interface LedgerContents {
  readonly state: LedgerState;
  /** Null on first contact. */
  readonly identity: Identity | null;
}

/** What `LEDGER_SQL` gave, statement by statement. */
export type LedgerRows = readonly (readonly TextRow[])[];

/**
 * Reads everything the plan needs, in one round trip.
 * @param first a SELECT to run before; it shares the trip
 */
export async function readLedger(
  session: Session,
  facts: TargetFacts,
  mode: Mode,
  first = NOTHING,
): Promise<LedgerContents> {
  const ledger = facts.hasLedger ? [LEDGER_SQL] : [];
  const more = beside(facts, mode);
  const [, ...rows] = await session.rows([first, ...ledger, ...more].join(';\n'));
  return toContents(rows.slice(0, -more.length), rows.slice(-more.length));
}

/** Of a ledger that has been read: asks for what the plan needs besides, where there is anything. */
export async function completeLedger(
  session: Session,
  facts: TargetFacts,
  mode: Mode,
  ledger: LedgerRows,
): Promise<LedgerContents> {
  const more = beside(facts, mode);
  return toContents(ledger, more.every((text) => text === NOTHING) ? [] : await session.rows(more.join(';\n')));
}

function toContents([instance, rows, intents]: LedgerRows, [legacy, tables]: LedgerRows): LedgerContents {
  const [row] = instance ?? [];
  return {
    identity: row === undefined ? null : { systemIdentifier: row[0] ?? null, database: row[1] ?? '' },
    state: {
      ...EMPTY_STATE,
      exists: row !== undefined,
      create: createStateOf(row),
      rows: toLedgerRows(rows),
      intents: (intents ?? []).map(toIntentRow),
      unadopted: (legacy ?? []).map((r) => ({
        fileName: r[0] ?? '',
        manualDeployment: r[1] === 't',
        dateApplied: r[2] ?? null,
      })),
      userTables: (tables ?? []).map((r) => r[0] ?? ''),
    },
  };
}

/** Reads how far the create is, and what is applied, of a ledger that is there. */
export async function readEntries(session: Session): Promise<Pick<LedgerState, 'create' | 'rows'>> {
  const [instance, rows] = await session.rows(`${INSTANCE};\n${ENTRIES}`);
  return { create: createStateOf(instance?.[0]), rows: toLedgerRows(rows) };
}

const INSTANCE = `SELECT system_identifier, database_name, create_started_at IS NOT NULL, create_completed_at IS NOT NULL
  FROM postgres_manager.instance`;

const ENTRIES = `SELECT folder, file_name, sha256, origin, ${epochSql('applied_at')}, applied_by, duration_ms, deployment_id
  FROM postgres_manager.ledger`;

/** Reads a ledger that is there, for `completeLedger`: the instance, the rows, the intents. */
export const LEDGER_SQL = `${INSTANCE};
${ENTRIES};
SELECT folder, file_name, sha256, statements_done, done_sha256, statement_running, ${epochSql('started_at')}, deployment_id
  FROM postgres_manager.intent`;

function createStateOf(instance: TextRow | undefined): LedgerState['create'] {
  if (instance?.[3] === 't') return 'complete';
  return instance?.[2] === 't' ? 'started' : 'not_started';
}

const NOTHING = 'SELECT WHERE false';

/** What the plan needs besides the ledger: rows of the older script, and whether the database is new. */
function beside(facts: TargetFacts, mode: Mode): [unadopted: string, tables: string] {
  return [unadoptedQuery(facts), mode === 'create' ? USER_TABLES : NOTHING];
}

function unadoptedQuery(facts: TargetFacts): string {
  if (facts.legacyTable === null) return NOTHING;
  const known = facts.hasLedger
    ? `AND NOT EXISTS (SELECT FROM postgres_manager.ledger l WHERE l.file_name = t.file_name
         AND l.folder = CASE WHEN t.manual_deployment THEN 'manual-deployment' ELSE 'deployment' END)`
    : '';
  return `SELECT t.file_name, coalesce(t.manual_deployment, false), pg_catalog.to_char(t.date_applied::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    FROM ${facts.legacyTable} t WHERE t.file_name IS NOT NULL ${known} ORDER BY t.file_name`;
}

/** Some of the user's own tables; those of extensions do not make a database old. */
const USER_TABLES = `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND n.nspname <> 'postgres_manager'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'
                    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
  ORDER BY 1 LIMIT 5`;

/** Oldest first. Sorted here: a backend that sorts nothing else pays for learning how. */
function toLedgerRows(rows: readonly TextRow[] = []): LedgerRow[] {
  return rows.toSorted((a, b) => Number(a[4]) - Number(b[4])).map(toLedgerRow);
}

function toLedgerRow(row: TextRow): LedgerRow {
  return {
    folder: row[0] as Folder,
    fileName: row[1] ?? '',
    sha256: row[2] ?? null,
    origin: row[3] as Origin,
    appliedAt: isoTime(row[4]),
    appliedBy: row[5] ?? '',
    durationMs: row[6] == null ? null : Number(row[6]),
    deploymentId: row[7] ?? null,
  };
}

function toIntentRow(row: TextRow): IntentRow {
  return {
    folder: row[0] as Folder,
    fileName: row[1] ?? '',
    sha256: row[2] ?? '',
    statementsDone: Number(row[3]),
    doneSha256: row[4] ?? '',
    statementRunning: row[5] == null ? null : Number(row[5]),
    startedAt: isoTime(row[6]),
    deploymentId: row[7] ?? null,
  };
}

/**
 * Makes the ledger if need be, and enters what is known before the first step: one transaction.
 * @param then what to run after it, in the same round trip; may be empty
 */
export async function prepareLedger(
  session: Session,
  facts: TargetFacts,
  contents: LedgerContents,
  entries: { readonly adopt: readonly LedgerRow[]; readonly startsCreate: boolean; readonly acceptIdentity: boolean },
  then = '',
): Promise<void> {
  const identity = `${literal(facts.systemIdentifier)}, ${literal(facts.database)}`;
  const statements = [
    facts.hasLedger && contents.identity !== null
      ? ''
      : `${facts.hasLedger ? '' : CREATE_LEDGER}
         INSERT INTO postgres_manager.instance (ledger_version, system_identifier, database_name, last_run_at)
         SELECT ${LEDGER_VERSION}, ${identity}, pg_catalog.clock_timestamp() WHERE NOT EXISTS (SELECT FROM postgres_manager.instance);`,
    entries.acceptIdentity && !isSameTarget(contents.identity, facts)
      ? `UPDATE postgres_manager.instance SET (system_identifier, database_name) = (${identity});`
      : '',
    entries.startsCreate
      ? 'UPDATE postgres_manager.instance SET create_started_at = pg_catalog.clock_timestamp() WHERE create_started_at IS NULL;'
      : '',
    ...entries.adopt.map(
      (row) => `INSERT INTO postgres_manager.ledger (folder, file_name, sha256, origin, applied_by, applied_at)
        VALUES (${literal(row.folder)}, ${literal(row.fileName)}, ${literal(row.sha256)}, 'adopted', 'tbl_deployments',
                coalesce(${literal(row.appliedAt === '' ? null : row.appliedAt)}::timestamptz, pg_catalog.clock_timestamp()))
        ON CONFLICT DO NOTHING;`,
    ),
  ].filter((statement) => statement !== '');
  if (statements.length > 0) await inTransaction(session, statements.join('\n'), then);
  else if (then !== '') await session.run(then);
}

/**
 * Sends statements as one transaction; a failure leaves nothing and the session usable.
 * @param then what to run once it is committed, in the same round trip; may be empty
 */
export async function inTransaction(session: Session, statements: string, then = ''): Promise<void> {
  try {
    await session.run(`BEGIN;\n${statements}\nCOMMIT;\n${then}`);
  } catch (error) {
    if (session.lost === null) await session.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Whether the ledger was made in this very database. An unknown system identifier proves nothing. */
export function isSameTarget(identity: Identity | null, facts: TargetFacts): boolean {
  if (identity === null) return true;
  const sameSystem =
    identity.systemIdentifier === null ||
    facts.systemIdentifier === null ||
    identity.systemIdentifier === facts.systemIdentifier;
  return sameSystem && identity.database === facts.database;
}

/** What is entered beside a file. */
export interface EntryDetails {
  readonly appliedBy: string;
  readonly deploymentId: string | null;
}

/** Where a file's row goes: the ledger, and the older script's table while that is there. */
export interface LedgerFile {
  readonly folder: Folder;
  readonly name: string;
  readonly sha256: string;
}

/** Statements that enter files without running them. */
export function entrySql(
  files: readonly LedgerFile[],
  origin: Origin,
  details: EntryDetails,
  legacyTable: string | null,
): string {
  if (files.length === 0) return '';
  const values = files.map(
    (file) =>
      `(${literal(file.folder)}, ${literal(file.name)}, ${literal(file.sha256)}, ${literal(origin)}, ${literal(details.deploymentId)}, ${literal(details.appliedBy)}, pg_catalog.clock_timestamp())`,
  );
  const insert = `INSERT INTO postgres_manager.ledger (folder, file_name, sha256, origin, deployment_id, applied_by, applied_at)
    VALUES ${values.join(',\n')} ON CONFLICT DO NOTHING;`;
  return `${insert}\n${files.map((file) => legacySql(file, legacyTable)).join('\n')}`;
}

/** The row in the older script's table: deployment and manual files only, as that script did. */
export function legacySql(file: LedgerFile, legacyTable: string | null): string {
  if (legacyTable === null || file.folder === 'create') return '';
  return `INSERT INTO ${legacyTable} (file_name, manual_deployment, date_applied)
    SELECT ${literal(file.name)}, ${file.folder === 'manual-deployment'}, pg_catalog.now()
    WHERE NOT EXISTS (SELECT FROM ${legacyTable} t WHERE t.file_name OPERATOR(pg_catalog.=) ${literal(file.name)});`;
}
