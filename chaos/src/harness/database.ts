import pg from 'pg';
import { pause } from './wait.ts';

const GIVE_UP_MS = 30_000;
const AGAIN_MS = 50;

/** How the harness itself asks a database: again and again while the server is away. */
export interface Database {
  readonly dsn: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** The harness reads only, or enters what may come twice: so a query whose answer was lost is asked again. */
export function openDatabase(dsn: string): Database {
  const pool = new pg.Pool({
    connectionString: dsn,
    max: 3,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 2000,
    application_name: 'chaos-harness',
  });
  pool.on('error', () => undefined);
  return {
    dsn,
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
      const deadline = performance.now() + GIVE_UP_MS;
      for (;;) {
        try {
          return (await pool.query<Row>(text, [...values])).rows;
        } catch (error) {
          if (!isAway(error) || performance.now() > deadline) throw error;
          await pause(AGAIN_MS);
        }
      }
    },
    close: () => pool.end(),
  };
}

/** Is the server away, starting up, going down, or was the connection cut? */
function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(08|57P|53300|ECONN|EPIPE|ETIMEDOUT)/.test(code)) return true;
  return typeof message === 'string' && /terminat|timeout|Connection/.test(message);
}

/** A single connection, for who needs a session of their own. */
export async function connect(dsn: string, applicationName = 'chaos-harness'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: dsn, application_name: applicationName });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
