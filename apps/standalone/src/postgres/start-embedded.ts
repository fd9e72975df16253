import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { postgresAccount } from './account.ts';
import { embeddedBinDirectory, runnableBinDirectory } from './binaries.ts';
import { createCluster } from './create-cluster.ts';
import { takeOver } from './left-behind.ts';
import { SetupError } from './setup-error.ts';
import { type RunningServer, ServerStartError, startServer } from './start-server.ts';
import { keptPassword, storageFolder } from './storage.ts';

const USER = 'postgres';
const DATABASE = 'example';
/** SQLSTATE invalid_password. */
const WRONG_PASSWORD = '28P01';

export interface EmbeddedPostgres {
  readonly server: RunningServer;
  /** Of the database made for us, with the superuser's password in it. */
  readonly dsn: string;
  /** Where its data is kept. */
  readonly dataDirectory: string;
}

/**
 * Starts the embedded Postgres of a checkout, on the data of the last time or else on new ones.
 * @param say told before something that takes time
 * @throws SetupError
 */
export async function startEmbedded(
  checkout: string,
  port: number | null,
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
    say('Making a Postgres cluster …');
    // Made under another name, so that what is found next time is whole.
    const unfinished = `${dataDirectory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await createCluster({ binDirectory, dataDirectory: unfinished, user: USER, password, account, durable: true });
    await rename(unfinished, dataDirectory);
    await takeOver(binDirectory, dataDirectory, join(storage, 'postgres-owner'), account);
  }
  say('Starting Postgres …');
  // No Unix socket: the path of a checkout may be longer than a socket's can be.
  const server = await startServer({ binDirectory, dataDirectory, socketDirectory: '', port, account }).catch(
    (error: unknown) => {
      if (port !== null && error instanceof ServerStartError && error.portInUse) {
        throw new SetupError(`Port ${port} is in use. Free it, or unset POSTGRES_PORT and PGPORT to take any other.`);
      }
      throw error;
    },
  );
  try {
    await ensureDatabase(server, password);
  } catch (error) {
    await server.stop();
    if ((error as { code?: unknown }).code === WRONG_PASSWORD) {
      throw new SetupError(
        `The embedded Postgres has another password than the one kept: remove ${dataDirectory} to begin anew.`,
      );
    }
    throw error;
  }
  const dsn = `postgres://${USER}:${password}@${server.host}:${server.port}/${DATABASE}?sslmode=disable`;
  return { server, dsn, dataDirectory };
}

async function ensureDatabase(server: RunningServer, password: string): Promise<void> {
  const { host, port } = server;
  const client = new pg.Client({ host, port, user: USER, password, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
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
