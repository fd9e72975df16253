import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { ConnectionSettings } from '../libs/sql-deploy/src/target/dsn.ts';
import type { TestServer } from './postgres-cluster.ts';

/** An empty database of one test's own. */
export interface TestDatabase {
  readonly name: string;
  /** A superuser's. */
  readonly dsn: string;
  readonly connection: ConnectionSettings;
  /** Runs a statement on a connection that stays open between calls; gives its rows. */
  query<Row extends pg.QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** A further connection, closed by drop at the latest. */
  connect(): Promise<pg.Client>;
  /** Closes the connections of this object, ends all others, and drops the database. */
  drop(): Promise<void>;
}

/**
 * Makes a database. Whoever makes it drops it: `onTestFinished(() => database.drop())`.
 * @param template the database it is a copy of; nobody may be connected to that one
 */
export async function createTestDatabase(server: TestServer, template = 'template0'): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(server, `create database ${name} template ${pg.escapeIdentifier(template)}`);
  const connection: ConnectionSettings = {
    host: server.host,
    port: server.port,
    database: name,
    user: server.user,
    password: server.password,
    tls: 'disable',
  };
  const clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = await open(server, name);
    clients.push(client);
    return client;
  };
  let ours: Promise<pg.Client> | undefined;
  return {
    name,
    dsn: dsnOf(server, name),
    connection,
    connect,
    async query<Row extends pg.QueryResultRow>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
      ours ??= connect();
      return (await (await ours).query<Row>(sql, [...params])).rows;
    },
    async drop() {
      await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)));
      await administrate(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** The DSN of a database of a server, for its superuser. */
export function dsnOf(server: TestServer, database: string): string {
  const login = `${encodeURIComponent(server.user)}:${encodeURIComponent(server.password)}`;
  const place = server.host.startsWith('/') ? encodeURIComponent(server.host) : server.host;
  return `postgres://${login}@${place}:${server.port}/${database}`;
}

async function administrate(server: TestServer, sql: string): Promise<void> {
  const client = await open(server, 'postgres');
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function open(server: TestServer, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    database,
    user: server.user,
    password: server.password,
  });
  // A test may end this session from the server's side: that is no fault of its own.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
