import { againAfterDeadlock } from './deadlock.ts';
import { parseDsn } from '@postgres-manager/sql-deploy';
import pg from 'pg';

/** The service's own Postgres: a pool of connections. */
export interface ControlDatabase {
  readonly pool: pg.Pool;
}

/** Something that runs one statement: the pool, or the connection of a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

export interface ControlDatabaseOptions {
  /** DATABASE_URL: a DSN as `parseDsn` reads it. */
  readonly dsn: string;
  /** Most connections at a time. */
  readonly maxConnections: number;
  /** How long to wait for a connection, in ms: an answer has to come within two seconds. */
  readonly connectTimeoutMs: number;
  /** How long one statement may take, in ms, the network included. */
  readonly queryTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /**
   * Each named statement is planned once for each connection, for whatever it is given: for those who send the same few
   * again and again, and no lists by filters. Left out: the server tries five plans first, each of which takes longer
   * than most of these statements.
   */
  readonly plansOnce?: boolean;
  /** Told of connections that broke while idle. */
  readonly onError: (error: Error) => void;
}

/**
 * Opens the pool; connects to nothing yet.
 * @throws SqlDeployError dsn_invalid
 */
export function openControlDatabase(options: ControlDatabaseOptions): ControlDatabase {
  const settings = parseDsn(options.dsn);
  const pool = new pg.Pool({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password: () => settings.password ?? '',
    ssl: settings.tls === 'disable' ? false : { rejectUnauthorized: settings.tls === 'verify-full' },
    application_name: options.applicationName,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.queryTimeoutMs,
    statement_timeout: options.queryTimeoutMs,
    idle_in_transaction_session_timeout: options.queryTimeoutMs * 2,
    ...(options.plansOnce === true ? { options: '-c plan_cache_mode=force_generic_plan' } : {}),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
  });
  pool.on('error', options.onError);
  return { pool };
}

/**
 * Runs `work` in one transaction: all of it is kept, or nothing. It is run again after a deadlock, so that it must do
 * nothing beside.
 */
export function inTransaction<T>(db: ControlDatabase, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return againAfterDeadlock(() => onceInTransaction(db, work));
}

async function onceInTransaction<T>(
  { pool }: ControlDatabase,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  // The pool listens to idle connections alone. Without this, one that breaks between two statements ends the process;
  // with it, the next statement is refused.
  client.on('error', ignoreHere);
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (isDatabaseUnavailable(error)) {
      // Nobody answers there: waiting for a ROLLBACK would take as long again. The server rolls back when it closes.
      broken = error instanceof Error ? error : new Error(String(error));
    } else {
      // A connection that can't even roll back is of no more use.
      await client.query('ROLLBACK').catch((reason: unknown) => {
        broken = reason instanceof Error ? reason : new Error(String(reason));
      });
    }
    throw error;
  } finally {
    client.off('error', ignoreHere);
    client.release(broken);
  }
}

function ignoreHere(): void {}

/** Network faults, time-outs, and the server's own classes 08 (connection), 53 (resources), 57P (shutdown), 58 (system). */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code !== '') {
    return (
      /^(08|53|57P|58)/.test(code) ||
      code === '57014' ||
      /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|ENOENT)/.test(code)
    );
  }
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return /timeout|terminat|Connection|not queryable|pool after calling end/i.test(error.message);
}
