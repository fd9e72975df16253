import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccount } from '../apps/standalone/src/postgres/account.ts';
import { runnableBinDirectory } from '../apps/standalone/src/postgres/binaries.ts';
import { createCluster } from '../apps/standalone/src/postgres/create-cluster.ts';
import { type RunningServer, startServer } from '../apps/standalone/src/postgres/start-server.ts';

/** A Postgres server that tests may use. Plain data: it travels from the global setup to the test workers. */
export interface TestServer {
  /** `postgres-18-embedded`, `postgres-15`, …: part of the tests' names. */
  readonly label: string;
  /** Of the form 15.18. */
  readonly version: string;
  /** As a number: 15. */
  readonly majorVersion: number;
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  /** The folder with its programs, to start further ones with startCluster; null for a server given by DATABASE_URL. */
  readonly binDirectory: string | null;
}

/** A server of a test's own: one to be stopped, killed or set up otherwise. */
export interface TestCluster {
  readonly server: TestServer;
  readonly dataDirectory: string;
  /** Stops the server; the cluster stays for startAgain. */
  stop(): Promise<void>;
  /** Stops the server as a crash would. */
  kill(): Promise<void>;
  /** Starts the stopped server again, on the same port. */
  startAgain(): Promise<void>;
  /** Stops the server and removes everything. */
  remove(): Promise<void>;
}

/** Where nobody needs the data after a crash, nothing waits for the disk. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
const MEMORY_NEEDED_BYTES = 4 * 1024 ** 3;

/**
 * Makes and starts a cluster of its own. It ends with this process, however this process ends.
 * @param settings server settings beside or instead of the usual: max_connections 200 and no fsync
 */
export async function startCluster(
  label: string,
  binDirectory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestCluster> {
  const account = await postgresAccount();
  const directory = await mkdtemp(join(await fastDirectory(), 'pm-test-'));
  if (account !== null) await chown(directory, account.uid, account.gid);
  const dataDirectory = join(directory, 'data');
  const password = randomBytes(12).toString('hex');
  const runnable = await runnableBinDirectory(binDirectory, account, join(directory, 'binaries'));
  await createCluster({ binDirectory: runnable, dataDirectory, user: 'postgres', password, account, durable: false });

  const start = (port: number | null): Promise<RunningServer> =>
    startServer({
      binDirectory: runnable,
      dataDirectory,
      socketDirectory: directory,
      port,
      account,
      settings: { max_connections: '200', ...FAST_SETTINGS, ...settings },
      removeIfOrphaned: directory,
    });
  let running = await start(null);
  const version = versionOf(runnable);
  return {
    server: {
      label,
      version,
      majorVersion: Number.parseInt(version, 10),
      host: running.host,
      port: running.port,
      user: 'postgres',
      password,
      binDirectory,
    },
    dataDirectory,
    stop: () => running.stop(),
    kill: () => running.kill(),
    startAgain: async () => {
      running = await start(running.port);
    },
    remove: async () => {
      await running.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The version of the Postgres in a bin folder, of the form 15.18. */
export function versionOf(binDirectory: string): string {
  const said = execFileSync(join(binDirectory, 'postgres'), ['--version'], { encoding: 'utf8' });
  return /\) (\d+(?:\.\d+)?)/.exec(said)?.[1] ?? 'unknown';
}

/** A folder in memory where the machine has room for it, else the usual one for temporary files. */
async function fastDirectory(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    if (bavail * bsize >= MEMORY_NEEDED_BYTES) return '/dev/shm';
  } catch {
    // Not on this system.
  }
  return tmpdir();
}
