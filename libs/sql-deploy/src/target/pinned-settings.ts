import type { TargetOptions } from '../execute/options.ts';
import type { TargetFacts } from './facts.ts';
import { sessionName } from './session-name.ts';
import { literal } from './sql-text.ts';

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
    ['application_name', sessionName(options.runId ?? null)],
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
