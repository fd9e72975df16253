import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { postgresAccount } from './account.ts';
import { embeddedBinDirectory, runnableBinDirectory } from './binaries.ts';
import { createCluster } from './create-cluster.ts';
import { takeOver } from './left-behind.ts';
import { SetupError } from './setup-error.ts';
import { type RunningServer, type ServerOptions, ServerStartError, startServer } from './start-server.ts';
import { keptPassword, storageFolder } from './storage.ts';

const USER = 'postgres';
/** SQLSTATE invalid_password. */
const WRONG_PASSWORD = '28P01';

export interface EmbeddedPostgres {
  readonly server: RunningServer;
  /** The DSN of one of its databases, with the superuser's password in it. */
  readonly dsnOf: (database: string) => string;
  /** Where its data is kept. */
  readonly dataDirectory: string;
}

/**
 * Starts the embedded Postgres of a checkout, on the data of the last time or else on new ones.
 * @param port null: that of the last time, or else any that is free
 * @param databases made where they are missing
 * @param say told before something that takes time
 * @throws SetupError
 */
export async function startEmbedded(
  checkout: string,
  port: number | null,
  databases: readonly string[],
  say: (text: string) => void,
): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') {
    throw new SetupError('The embedded Postgres is started on Linux and macOS only: set DATABASE_URL.');
  }
  const account = await postgresAccount();
  const storage = await storageFolder(checkout, account);
  const password = await keptPassword(storage);
  const dataDirectory = join(storage, 'postgres');
  const binDirectory = await runnableBinDirectory(embeddedBinDirectory(), account, join(storage, 'binaries'));
  if (await exists(dataDirectory)) {
    await takeOver(binDirectory, dataDirectory, join(storage, 'postgres-owner'), account);
  } else {
    say('First start: making a Postgres cluster …');
    // Made under another name, so that what is found next time is whole.
    const unfinished = `${dataDirectory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await createCluster({ binDirectory, dataDirectory: unfinished, user: USER, password, account, durable: true });
    await rename(unfinished, dataDirectory);
    await takeOver(binDirectory, dataDirectory, join(storage, 'postgres-owner'), account);
  }
  // No Unix socket: the path of a checkout may be longer than a socket's can be.
  const options = { binDirectory, dataDirectory, socketDirectory: '', account };
  const server = await startOnKeptPort(options, port, join(storage, 'postgres-port'));
  try {
    await ensureDatabases(server, password, databases);
  } catch (error) {
    await server.stop();
    if ((error as { code?: unknown }).code === WRONG_PASSWORD) {
      throw new SetupError(
        `The embedded Postgres has another password than the one kept: remove ${dataDirectory} to begin anew.`,
      );
    }
    throw error;
  }
  const dsnOf = (database: string): string =>
    `postgres://${USER}:${password}@${server.host}:${server.port}/${database}?sslmode=disable`;
  return { server, dsnOf, dataDirectory };
}

/** On the same port as the last time where that can be: DSNs that people have noted stay right. */
async function startOnKeptPort(
  options: Omit<ServerOptions, 'port'>,
  port: number | null,
  portFile: string,
): Promise<RunningServer> {
  const kept = Number(await readFile(portFile, 'utf8').catch(() => '')) || null;
  try {
    const server = await startServer({ ...options, port: port ?? kept });
    await writeFile(portFile, String(server.port));
    return server;
  } catch (error) {
    if (!(error instanceof ServerStartError && error.portInUse)) throw error;
    if (port !== null) {
      throw new SetupError(`Port ${port} is in use. Free it, or unset POSTGRES_PORT and PGPORT to take any other.`);
    }
    const server = await startServer({ ...options, port: null });
    await writeFile(portFile, String(server.port));
    return server;
  }
}

async function ensureDatabases(server: RunningServer, password: string, databases: readonly string[]): Promise<void> {
  const { host, port } = server;
  const client = new pg.Client({ host, port, user: USER, password, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const database of databases) {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
      if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)}`);
    }
  } finally {
    await client.end();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
