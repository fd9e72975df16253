import { createHash } from 'node:crypto';
import { literal } from './sql-text.ts';

/**
 * The application_name of a run's session, for whoever looks into pg_stat_activity:
 * `postgres-manager`, the run's id where it has one, and the file that runs.
 */

const TOOL = 'postgres-manager';
const MAX_RUN_ID = 24;
/** The server cuts application_name to NAMEDATALEN - 1 bytes. */
const MAX_NAME = 63;
const MAX_PATH = 40;

/** What stands where a run's id would, in the name of a run without one. */
const PATH = /^(?:create|deployment|manual-deployment)\/|^\.\.\./;

/** @throws RangeError for an id that could not be found again in pg_stat_activity */
export function assertRunId(runId: string | undefined): void {
  if (runId === undefined) return;
  // The server changes what is not printable ASCII, and cuts what is too long.
  if (!/^[\x21-\x7e]+$/.test(runId) || runId.length > MAX_RUN_ID || PATH.test(runId)) {
    throw new RangeError(
      `runId takes 1 to ${MAX_RUN_ID} printable ASCII characters without a space, and must not look like a path.`,
    );
  }
}

/** The name of a session between two files. */
export function sessionName(runId: string | null): string {
  return runId === null ? TOOL : `${TOOL} ${runId}`;
}

/** The name of a session while it runs a file: long paths are cut, and still told apart. */
export function sessionNameAt(path: string, runId: string | null): string {
  const name = sessionName(runId);
  const limit = Math.min(MAX_PATH, MAX_NAME - name.length - 1);
  const shown = path.replace(/[^\x20-\x7e]/gu, '?');
  if (shown.length <= limit) return `${name} ${shown}`;
  // The end of a path tells more than its beginning.
  if (runId === null) return `${name} ...${shown.slice(3 - limit)}`;
  // Little is left of a long one, and that may be the same for many files.
  const mark = `${createHash('sha256').update(path).digest('hex').slice(0, 4)}...`;
  return `${name} ${mark}${shown.slice(mark.length - limit)}`;
}

/** SQL: true where a column of pg_stat_activity holds a name of the run's session, whatever file it runs. */
export function bearsName(column: string, runId: string | null): string {
  const name = sessionName(runId);
  return `(${column} = ${literal(name)} OR pg_catalog.starts_with(${column}, ${literal(`${name} `)}))`;
}

/** The id of the run that bears an application_name; null for a run without one and for what is no run. */
export function runIdIn(applicationName: string): string | null {
  const [tool, second] = applicationName.split(' ', 2);
  return tool !== TOOL || second === undefined || second === '' || PATH.test(second) ? null : second;
}
