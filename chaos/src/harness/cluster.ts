import { chown, cp, lchown, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccount } from '../../../apps/standalone/dist/postgres/account.js';
import { embeddedBinDirectory, runnableBinDirectory } from '../../../apps/standalone/dist/postgres/binaries.js';
import { createCluster } from '../../../apps/standalone/dist/postgres/create-cluster.js';
import { type RunningServer, startServer } from '../../../apps/standalone/dist/postgres/start-server.js';
import { type Database, openDatabase } from './database.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

/** A Postgres server of the run's own, to be crashed at will. */
export interface Cluster {
  readonly port: number;
  readonly dataDirectory: string;
  readonly binDirectory: string;
  readonly directory: string;
  readonly account: { readonly uid: number; readonly gid: number } | null;
  readonly password: string;
  /** Where its data are, when that was asked to be small. */
  readonly disk: SmallDisk | null;
  /** The database `postgres`, as superuser. */
  readonly admin: Database;
  /** @param through another port that leads there: a proxy's */
  dsn(database: string, options?: { readonly through?: number; readonly user?: string }): string;
  /** Ends it as a crash would: nothing is said to anyone, the next start recovers. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Ends it in order; it stays to be started again. */
  stop(): Promise<void>;
  /** Stops the server and removes everything. */
  remove(): Promise<void>;
}

/** Only processes die here, never the machine: what was written is in the kernel's hands, so nothing waits for a disk. */
const SETTINGS = { max_connections: '300', fsync: 'off', shared_buffers: '64MB', log_min_messages: 'log' };

/**
 * @param settings beside the usual ones
 * @param options.diskMegabytes puts its data on a disk of their own of that size, and the write-ahead log beside it: so a
 * full one is an error of statements, and not the end of the server
 */
export async function startCluster(
  settings: Readonly<Record<string, string>> = {},
  options: { readonly diskMegabytes?: number } = {},
): Promise<Cluster> {
  const account = await postgresAccount();
  const directory = await mkdtemp(join(tmpdir(), 'pm-chaos-'));
  if (account !== null) await chown(directory, account.uid, account.gid);
  const disk =
    options.diskMegabytes === undefined
      ? null
      : await mountSmallDisk(join(directory, 'disk'), options.diskMegabytes, account);
  const dataDirectory = join(disk?.directory ?? directory, 'data');
  const password = randomBytes(12).toString('hex');
  const binDirectory = await runnableBinDirectory(embeddedBinDirectory(), account, join(directory, 'binaries'));
  await createCluster({ binDirectory, dataDirectory, user: 'postgres', password, account, durable: false });
  if (disk !== null) await moveAside(join(dataDirectory, 'pg_wal'), join(directory, 'pg_wal'), account);
  const place = { binDirectory, dataDirectory, socketDirectory: directory, account, removeIfOrphaned: directory };
  const start = (port: number | null): Promise<RunningServer> =>
    startServer({ ...place, port, settings: { ...SETTINGS, ...settings } });
  let running = await start(null);
  const { port } = running;
  const dsn: Cluster['dsn'] = (database, { through = port, user = 'postgres' } = {}) =>
    `postgres://${user}:${password}@127.0.0.1:${through}/${database}?sslmode=disable`;
  const admin = openDatabase(dsn('postgres'));
  return {
    port,
    dataDirectory,
    binDirectory,
    directory,
    account,
    password,
    disk,
    admin,
    dsn,
    crash: () => running.kill(),
    stop: () => running.stop(),
    start: async () => {
      running = await start(port);
    },
    remove: async () => {
      await admin.close();
      await running.stop();
      await disk?.remove();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Moves a folder to another file system, and leaves a link to it. */
async function moveAside(from: string, to: string, account: Cluster['account']): Promise<void> {
  await cp(from, to, { recursive: true });
  await rm(from, { recursive: true });
  await symlink(to, from);
  if (account === null) return;
  await lchown(from, account.uid, account.gid);
  const names = await readdir(to, { recursive: true });
  for (const path of [to, ...names.map((name) => join(to, name))]) await chown(path, account.uid, account.gid);
}
