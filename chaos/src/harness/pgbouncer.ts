import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../apps/standalone/dist/postgres/free-port.js';
import type { Cluster } from './cluster.ts';
import { listens } from './listens.ts';
import { eventually } from './wait.ts';

const PLACES = ['pgbouncer', '/usr/sbin/pgbouncer', '/usr/local/bin/pgbouncer'];

/** The program of this machine; installed where root on Debian may do it. Null: there is none. */
export function findPgBouncer(): string | null {
  const found = lookFor();
  if (found !== null || process.getuid?.() !== 0) return found;
  spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', 'pgbouncer'], { stdio: 'ignore' });
  return lookFor();
}

function lookFor(): string | null {
  return PLACES.find((place) => spawnSync(place, ['--version']).status === 0) ?? null;
}

/** A PgBouncer in transaction mode in front of one database. */
export async function startPgBouncer(
  program: string,
  { port: serverPort, password, account }: Cluster,
  database: string,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pm-chaos-pgbouncer-'));
  const port = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(
    config,
    `[databases]
${database} = host=127.0.0.1 port=${serverPort} dbname=${database} user=postgres password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
`,
  );
  await chmod(folder, 0o755);
  if (account !== null) await chown(config, account.uid, account.gid);
  const child = spawn(program, [config], { stdio: 'ignore', ...account });
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  const ended = once(child, 'exit');
  await eventually('PgBouncer listens', () => listens(port), Boolean, 10_000);
  return {
    port,
    stop: async () => {
      process.off('exit', end);
      end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
