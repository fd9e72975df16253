import { onTestFinished } from 'vitest';
import type { TestServer } from '../../../../test-support/postgres-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test-support/test-database.ts';
import {
  bundleFromFiles,
  deploy,
  type DeployOptions,
  type EvictedEvent,
  type Failure,
  type Folder,
  type Mode,
  readStatus,
  type Report,
  type RunEvent,
  type TargetStatus,
} from '../../src/index.ts';

/** Content by path from the root. */
export type Contents = Readonly<Record<string, string | Uint8Array>>;

/** A database of one test's own, and the library pointed at it. */
export interface Target {
  readonly database: TestDatabase;
  /** Every event of every run so far. */
  readonly events: (RunEvent | EvictedEvent)[];
  /** Runs a mode; gives the report without what differs from run to run. */
  run(mode: Mode, files: Contents, options?: Partial<DeployOptions>): Promise<Outline>;
  status(files: Contents, options?: Partial<DeployOptions>): Promise<TargetStatus>;
  /** Paths in the ledger with their origins, in order of the path. */
  ledger(): Promise<string[]>;
  /** Names of the tables outside the ledger's schema, in order. */
  tables(): Promise<string[]>;
}

/** A report without its digest, its plan and its duration; a failure without its words. */
export interface Outline
  extends Pick<Report, 'status' | 'applied' | 'skipped' | 'baselined' | 'adopted' | 'notStarted'> {
  readonly failed: ShortFailure | null;
  /** Everything, for what the outline leaves out. */
  readonly whole: Report;
}

/** A failure without its words. */
export type ShortFailure = Pick<Failure, 'file' | 'line' | 'column' | 'sqlstate' | 'code'>;

/** Makes a database for the running test and drops it after. */
export async function makeTarget(server: TestServer): Promise<Target> {
  const database = await createTestDatabase(server);
  onTestFinished(() => database.drop());
  return targetOn(database);
}

/** The library pointed at a database that is there. */
export function targetOn(database: TestDatabase): Target {
  const events: (RunEvent | EvictedEvent)[] = [];
  const options = {
    connection: database.connection,
    onEvent: (event: RunEvent | EvictedEvent) => void events.push(event),
  };
  return {
    database,
    events,
    run: async (mode, files, more = {}) =>
      outline(await deploy({ ...options, bundle: bundleOf(files), mode, ...more })),
    status: (files, more = {}) => readStatus({ ...options, bundle: bundleOf(files), ...more }),
    ledger: async () => {
      const rows = await database.query<{ entry: string }>(
        `select folder || '/' || file_name || ' ' || origin as entry from postgres_manager.ledger order by 1`,
      );
      return rows.map(({ entry }) => entry);
    },
    tables: async () => {
      const rows = await database.query<{ name: string }>(
        `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname not in ('postgres_manager', 'information_schema')
           and n.nspname not like 'pg\\_%' order by 1`,
      );
      return rows.map(({ name }) => name);
    },
  };
}

/** A bundle of the given files. */
export function bundleOf(files: Contents): ReturnType<typeof bundleFromFiles> {
  return bundleFromFiles(Object.entries(files).map(([path, content]) => ({ path, content })));
}

/** Files of one folder, numbered from 00000 in the order given: `deployment/00000-file.sql`. */
export function numbered(folder: Exclude<Folder, 'create'>, ...contents: (string | Uint8Array)[]): Contents {
  return Object.fromEntries(contents.map((content, i) => [numberedPath(folder, i), content]));
}

/** `deployment/00000-file.sql` for 0. */
export function numberedPath(folder: Exclude<Folder, 'create'>, ordinal: number): string {
  return `${folder}/${String(ordinal).padStart(5, '0')}-file.sql`;
}

/** Files of deployment/, numbered from 00000. */
export function deployments(...contents: (string | Uint8Array)[]): Contents {
  return numbered('deployment', ...contents);
}

/** The path of a file of `deployments`. */
export function path(ordinal: number): string {
  return numberedPath('deployment', ordinal);
}

function outline(report: Report): Outline {
  const { status, applied, skipped, baselined, adopted, notStarted } = report;
  return { status, applied, skipped, baselined, adopted, notStarted, failed: short(report.failed), whole: report };
}

function short(failure: Failure | null): ShortFailure | null {
  if (failure === null) return null;
  const { file, line, column, sqlstate, code } = failure;
  return { file, line, column, sqlstate, code };
}

/** What an outline must be; what is not given is empty, and nothing failed. */
export function expected(given: Partial<Omit<Outline, 'whole'>>): object {
  const nothing = { applied: [], skipped: 0, baselined: 0, adopted: 0, notStarted: [], failed: null };
  return { ...nothing, ...given, whole: expectAnything() };
}

function expectAnything(): unknown {
  return { asymmetricMatch: () => true };
}

/** Asks again until the answer is there. The test's own time limit ends a wait in vain. */
export async function until<T>(
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until a backend of the tool runs a statement that matches; gives its process id. */
export async function untilRunning(database: TestDatabase, pattern: string): Promise<number> {
  return await until(async () => {
    const [row] = await database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and state = 'active'
         and application_name like 'postgres-manager%' and query ilike $1 and pid <> pg_backend_pid()`,
      [`%${pattern}%`],
    );
    return row?.pid;
  });
}

/** Waits until a backend sleeps in pg_sleep; gives its process id. The server shows only the first 1 KB of a text. */
export async function untilAsleep(database: TestDatabase): Promise<number> {
  return await until(async () => {
    const [row] = await database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
    );
    return row?.pid;
  });
}
