import type { TargetOptions } from '../execute/options.ts';
import { sessionName } from './session-name.ts';
import { literal } from './sql-text.ts';

/** How long a statement waits for a lock, unless the options say otherwise. */
export const DEFAULT_LOCK_TIMEOUT_MS = 5000;

/** Servers before 14 do not have them. */
const NOT_EVERYWHERE: ReadonlySet<string> = new Set(['client_connection_check_interval', 'idle_session_timeout']);

/**
 * Settings that hold for the whole run: whatever a file changes is put back to these.
 * @param searchPath null where nothing can have changed it yet
 */
export function pinnedSettings(options: TargetOptions, searchPath: string | null): ReadonlyMap<string, string> {
  return new Map([
    ...(searchPath === null ? [] : [['search_path', searchPath] as const]),
    ['lock_timeout', String(options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS)],
    ['statement_timeout', String(options.statementTimeoutMs ?? 0)],
    // A client that died between two statements must not keep its locks.
    ['idle_in_transaction_session_timeout', '60000'],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, MDY'],
    ['standard_conforming_strings', 'on'],
    ['client_min_messages', 'notice'],
    ['default_transaction_read_only', 'off'],
    ['application_name', sessionName(options.runId ?? null)],
    // Steps and their ledger rows are lost or kept together, so that only the end of a run waits for the disk.
    ['synchronous_commit', 'off'],
    ['tcp_keepalives_idle', '10'],
    ['tcp_keepalives_interval', '5'],
    ['tcp_keepalives_count', '3'],
    // The server notices a dead client while a statement runs, and rolls back instead of committing.
    ['client_connection_check_interval', '1000'],
    ['idle_session_timeout', '0'],
  ]);
}

/** One SELECT that sets the settings for the session. */
export function pinSql(settings: ReadonlyMap<string, string>): string {
  const calls = [...settings].map(([name, value]) => {
    const call = `pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`;
    if (!NOT_EVERYWHERE.has(name)) return call;
    return `CASE WHEN pg_catalog.current_setting(${literal(name)}, true) IS NOT NULL THEN ${call} END`;
  });
  return `SELECT ${calls.join(', ')}`;
}

const MS_BY_UNIT: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/**
 * A time as `current_setting` shows it: in the greatest unit in which it is whole.
 * @param ms whole milliseconds, 0 or more
 */
export function shownMs(ms: number): string {
  const found = MS_BY_UNIT.find(([, unit]) => ms % unit === 0);
  return ms === 0 || found === undefined ? String(ms) : `${ms / found[1]}${found[0]}`;
}
