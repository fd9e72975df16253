import type { BundleFile } from '../bundle/bundle.ts';
import type { Script } from '../sql/script.ts';
import { decodeChunk } from '../sql/chunk-text.ts';
import { LEGACY_TABLE_EXPRESSION } from '../target/facts.ts';
import { epochSql, legacySql } from '../target/ledger.ts';
import { LOCK_KEY } from '../target/lock.ts';
import { shownMs } from '../target/pinned-settings.ts';
import { sessionName, sessionNameAt } from '../target/session-name.ts';
import { literal } from '../target/sql-text.ts';

/**
 * The statements around a file. Each asks a setting that does not exist when something is wrong, because that is
 * an error SQL can raise without a function: the transaction is rolled back and the name tells what it was.
 */
export const LOCK_LOST = 'postgres_manager.lock_was_lost';
export const TRANSACTION_LEFT = 'postgres_manager.transaction_was_left';
export const SESSION_CHANGED = 'postgres_manager.session_was_changed';

/** What all groups of a run have in common. */
export interface GroupContext {
  readonly appliedBy: string;
  readonly deploymentId: string | null;
  readonly runId: string | null;
  readonly legacyTable: string | null;
  /** One SELECT that puts the pinned settings back. */
  readonly pinSql: string;
  readonly hasEventTriggers: boolean;
  readonly pins: SessionPins;
  /** Whether the statement that enters a file is prepared once: with a few files that costs more than it saves. */
  readonly prepares: boolean;
}

/** What the session has at the start of each file, as far as it is looked at afterwards. */
export interface SessionPins {
  readonly user: string;
  readonly searchPath: string;
  readonly lockTimeoutMs: number;
}

/** One transactional step as text: its transaction, the file, its ledger row. */
export interface Group {
  readonly file: BundleFile;
  readonly script: Script;
  readonly head: string;
  readonly tail: string;
  /** Statements in `head` and `tail`: what to count while their completions come in. */
  readonly headStatements: number;
  readonly tailStatements: number;
  /** Which statement of the tail, from 0, commits. */
  readonly commitIndex: number;
}

/** The session's clock: when the last file was entered, in seconds, from which the next one's duration counts. */
const RESTART_CLOCK =
  "pg_catalog.set_config('postgres_manager.clock', extract(epoch from pg_catalog.clock_timestamp())::text, false)";

/**
 * Milliseconds since the clock was last set. Qualified throughout: a file may have changed the search_path. And by the
 * functions behind the operators: a backend that meets its first `=`, `-` or `*` reads all operators of that name.
 */
const DURATION =
  "pg_catalog.float8mul(1000, pg_catalog.float8mi(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()), pg_catalog.current_setting('postgres_manager.clock')::double precision))";

/** Milliseconds since the text came in that is being run: for its first file, and no clock need be set. */
const DURATION_OF_FIRST =
  "pg_catalog.float8mul(1000, pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi(pg_catalog.clock_timestamp(), pg_catalog.statement_timestamp())))";

/** What each entering gives back, see `EnteredRow`. */
const ENTERED = `duration_ms, ${epochSql('applied_at')}`;

const LEDGER_COLUMNS = '(folder, file_name, sha256, origin, deployment_id, applied_by, duration_ms, applied_at)';

/** Nothing that a trigger or the like could leave behind: the role, the settings that files rely on, temporary tables. */
function sessionUnchanged({ pins: { user, searchPath, lockTimeoutMs }, prepares }: GroupContext): string {
  return `pg_catalog.nameeqtext(CURRENT_USER, ${literal(user)})
AND pg_catalog.texteq(pg_catalog.current_setting('search_path'), ${literal(searchPath)})
AND pg_catalog.texteq(pg_catalog.current_setting('lock_timeout'), ${literal(shownMs(lockTimeoutMs))})
AND ${prepares ? NO_TEMPORARY_TABLES : NO_TEMPORARY_SCHEMA}`;
}

const NO_TEMPORARY_SCHEMA = "pg_catalog.oideq(pg_catalog.pg_my_temp_schema(), '0')";

/** After a file that made some the schema stays. With a few files that one runs guarded then, which does no harm. */
const NO_TEMPORARY_TABLES = `(${NO_TEMPORARY_SCHEMA} OR NOT EXISTS
  (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()))`;

/** What tells one file's entering from another's, as SQL expressions. */
interface EnterValues {
  readonly folder: string;
  readonly name: string;
  readonly sha256: string;
  /** How long it took, in milliseconds. */
  readonly duration: string;
  /** The session's name from then on; null for the last file of a run, after which there is nothing to tell. */
  readonly nextName: string | null;
}

/**
 * Enters a file of nothing but definitions and plain data. One statement, because with small files it is these that
 * cost. The lock is taken before the commit: without it nothing is committed.
 */
function plainEnter(values: EnterValues, context: GroupContext): string {
  return `INSERT INTO postgres_manager.ledger ${LEDGER_COLUMNS}
SELECT ${values.folder}, ${values.name}, ${values.sha256}, CASE WHEN NOT pg_catalog.pg_try_advisory_xact_lock(${LOCK_KEY}) THEN pg_catalog.current_setting(${literal(LOCK_LOST)})
WHEN ${sessionUnchanged(context)} THEN 'run' ELSE pg_catalog.current_setting(${literal(SESSION_CHANGED)}) END,
${literal(context.deploymentId)}, ${literal(context.appliedBy)}, ${values.duration}, pg_catalog.clock_timestamp()
RETURNING ${ENTERED}${values.nextName === null ? '' : `, pg_catalog.set_config('application_name', ${values.nextName}, false), ${RESTART_CLOCK}`}`;
}

/** Prepares `plainEnter`, once for each session; empty for a run that does without. */
export function prepareEnterSql(context: GroupContext): string {
  if (!context.prepares) return '';
  const values = { folder: '$1', name: '$2', sha256: '$3', duration: DURATION, nextName: '$4' };
  return `PREPARE postgres_manager_enter (text, text, text, text) AS\n${plainEnter(values, context)}`;
}

/** Takes the lock for the transaction, and notes which one it is: to be compared before the commit. */
export const TAKE_LOCK = `SELECT CASE WHEN pg_catalog.pg_try_advisory_xact_lock(${LOCK_KEY}) THEN '' ELSE pg_catalog.current_setting(${literal(LOCK_LOST)}) END,
pg_catalog.set_config('postgres_manager.transaction', pg_catalog.txid_current()::text, true)`;

/** Before a file that can do anything: the transaction, the lock, and what the tail compares with. */
function guardedHead(file: BundleFile, script: Script, { runId }: GroupContext): string[] {
  return [
    `BEGIN${script.transactionOptions}`,
    // The session's lock can be dropped by code in a file; this one stays until the transaction ends.
    `${TAKE_LOCK},
pg_catalog.set_config('application_name', ${literal(sessionNameAt(file.path, runId))}, true), ${RESTART_CLOCK}`,
  ];
}

/**
 * The ledger row, only if the transaction is still the one that the file began in, and the session still had the lock.
 * All session locks are let go and ours taken again, while the transaction's hold on the same key lets nobody between.
 */
function guardedEnter(file: BundleFile, context: GroupContext): string {
  return `INSERT INTO postgres_manager.ledger ${LEDGER_COLUMNS}
SELECT ${literal(file.folder)}, ${literal(file.name)}, ${literal(file.sha256)},
CASE WHEN coalesce(pg_catalog.current_setting('postgres_manager.transaction', true) OPERATOR(pg_catalog.<>) pg_catalog.txid_current()::text, true)
THEN pg_catalog.current_setting(${literal(TRANSACTION_LEFT)})
WHEN pg_catalog.pg_advisory_unlock(${LOCK_KEY}) AND pg_catalog.pg_advisory_unlock_all()::text IS NOT NULL
AND pg_catalog.pg_try_advisory_lock(${LOCK_KEY}) THEN 'run' ELSE pg_catalog.current_setting(${literal(LOCK_LOST)}) END,
${literal(context.deploymentId)}, ${literal(context.appliedBy)}, ${DURATION}, pg_catalog.clock_timestamp()
RETURNING ${ENTERED}`;
}

/** Undoes what a file can do to its session; prepared statements apart, for ours is one of them. */
export const RESET_SESSION: readonly string[] = [
  'RESET ALL',
  'CLOSE ALL',
  'UNLISTEN *',
  'DISCARD SEQUENCES',
  'DISCARD TEMP',
];

/** Puts the session back to where a run begins, outside of any file. */
export function restoreSessionSql(context: GroupContext): string {
  const statements = ['RESET SESSION AUTHORIZATION', 'RESET ROLE', ...RESET_SESSION, 'DEALLOCATE ALL'];
  return [...statements, context.pinSql, ...prepareAgain(context)].join('; ');
}

function prepareAgain(context: GroupContext): string[] {
  return context.prepares ? [prepareEnterSql(context)] : [];
}

/** Where a group stands in its batch. */
export interface GroupPlace {
  readonly isFirst: boolean;
  /** The file after it in the batch, for telling in pg_stat_activity what runs; null for the last. */
  readonly next: BundleFile | null;
  /** Null within a run; for its last step the synchronous_commit to wait with, which flushes all before it. */
  readonly durable: string | null;
  /** Whether the file has been found to change the session. */
  readonly guarded: boolean;
}

/** Makes the text around a file: a short form where only definitions stand in it, else one that trusts nothing. */
export function buildGroup(file: BundleFile, script: Script, context: GroupContext, place: GroupPlace): Group {
  const guarded = place.guarded || !script.neutral || context.hasEventTriggers || script.transactionOptions !== '';
  const durable = place.durable === null ? [] : [`SET LOCAL synchronous_commit TO ${place.durable}`];
  const legacy = legacyStatements(file, script, context);
  // A large file comes in several texts, and what is prepared is the same for all.
  const usesClock = context.prepares || !place.isFirst || script.chunks.length > 1;
  const head = guarded
    ? guardedHead(file, script, context)
    : [...(place.isFirst ? [usesClock ? startOfNext(file, context) : nameSession(file, context)] : []), 'BEGIN'];
  const enter = guarded ? guardedEnter(file, context) : enterUnguarded(file, place, context, usesClock);
  const beforeCommit = guarded
    ? [
        // Deferred constraints are checked here, while temporary tables still exist; and the role is ours again.
        'SET CONSTRAINTS ALL IMMEDIATE',
        'RESET SESSION AUTHORIZATION',
        'RESET ROLE',
        enter,
        ...legacy,
        ...RESET_SESSION,
        ...(script.mayPrepare ? ['DEALLOCATE ALL', ...prepareAgain(context)] : []),
        context.pinSql,
        startOfNext(place.next, context),
        ...durable,
      ]
    : [enter, ...legacy, ...(script.hasData ? ['DISCARD SEQUENCES'] : []), ...durable];
  const tail = [...beforeCommit, 'COMMIT'];
  return {
    file,
    script,
    head: `${head.join(';\n')};\n`,
    // The line break ends a comment on the file's last line; a second semicolon is no statement.
    tail: `\n;${tail.join(';\n')};\n`,
    headStatements: head.length,
    tailStatements: tail.length,
    commitIndex: beforeCommit.length,
  };
}

/** Where the text's own time serves as the clock. */
function nameSession(file: BundleFile, { runId }: GroupContext): string {
  return `SET application_name TO ${literal(nameOfNext(file, runId))}`;
}

/** Names the session after the file that runs next, and starts its clock. */
export function startOfNext(file: BundleFile | null, { runId }: GroupContext): string {
  return `SELECT pg_catalog.set_config('application_name', ${literal(nameOfNext(file, runId))}, false), ${RESTART_CLOCK}`;
}

function nameOfNext(file: BundleFile | null, runId: string | null): string {
  return file === null ? sessionName(runId) : sessionNameAt(file.path, runId);
}

function enterUnguarded(file: BundleFile, place: GroupPlace, context: GroupContext, usesClock: boolean): string {
  const nextName = literal(nameOfNext(place.next, context.runId));
  const values = { folder: literal(file.folder), name: literal(file.name), sha256: literal(file.sha256) };
  if (context.prepares) {
    return `EXECUTE postgres_manager_enter (${values.folder}, ${values.name}, ${values.sha256}, ${nextName})`;
  }
  return plainEnter(
    {
      ...values,
      duration: usesClock ? DURATION : DURATION_OF_FIRST,
      nextName: place.durable === null ? nextName : null,
    },
    context,
  );
}

function legacyStatements(file: BundleFile, script: Script, context: GroupContext): string[] {
  if (file.folder === 'create') return [];
  if (!script.namesLegacyTable) {
    const sql = legacySql(file, context.legacyTable);
    return sql === '' ? [] : [sql.replace(/;$/, '')];
  }
  // The file may make or drop the table itself: look again, in the same transaction.
  const body = `DECLARE legacy_table text := ${LEGACY_TABLE_EXPRESSION}; BEGIN IF legacy_table IS NOT NULL THEN
EXECUTE pg_catalog.format('INSERT INTO %s (file_name, manual_deployment, date_applied) SELECT %L, %L, pg_catalog.now() WHERE NOT EXISTS (SELECT FROM %s WHERE file_name OPERATOR(pg_catalog.=) %L)',
legacy_table, ${literal(file.name)}, ${literal(String(file.folder === 'manual-deployment'))}, legacy_table, ${literal(file.name)}); END IF; END`;
  return [`DO ${literal(body)}`];
}

/**
 * The file's text as it is sent: chunk by chunk, its own BEGIN and COMMIT blanked out, places kept.
 * A byte order mark is dropped.
 */
export function chunkText(file: BundleFile, script: Script, index: number): string {
  const chunk = script.chunks[index];
  if (chunk === undefined) return '';
  const blanks = script.blanks.filter((blank) => blank.start >= chunk.start && blank.start < chunk.end);
  if (blanks.length === 0) return decodeChunk(file.bytes, chunk);
  const copy = Uint8Array.from(file.bytes.subarray(chunk.start, chunk.end));
  for (const blank of blanks) copy.fill(0x20, blank.start - chunk.start, blank.end - chunk.start);
  return decodeChunk(copy, { start: 0, end: copy.length });
}
