import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandLineOf } from '../local/processes.ts';
import { SetupError } from '../postgres/setup-error.ts';
import { type RunningRedis, startRedis } from './start-redis.ts';

/** A Redis that lost its owner is told to stop at once; this is how long it may take. */
const LEAVING_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Starts a Redis on the data of the last time or else on none.
 * @param local the folder `.local`
 * @throws SetupError also when another npm start has one on these data
 */
export async function startKeptRedis(program: string, local: string): Promise<RunningRedis> {
  const dataDirectory = join(local, 'redis');
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const ownerFile = join(local, 'redis-owner');
  await waitUntilLeft(ownerFile, dataDirectory);
  const redis = await startRedis({ program, dataDirectory, port: null });
  await writeFile(ownerFile, `${redis.pid} ${redis.port}`);
  return redis;
}

/** Two on the same files would spoil them. */
async function waitUntilLeft(ownerFile: string, dataDirectory: string): Promise<void> {
  const [pid = 0, port = 0] = (await readFile(ownerFile, 'utf8').catch(() => '')).split(' ').map(Number);
  const deadline = performance.now() + LEAVING_MS;
  while (pid > 0 && (await isRedis(pid, port))) {
    if (performance.now() > deadline) {
      throw new SetupError(
        `Another Redis (process ${pid}) works on ${dataDirectory}: that of another npm start of this checkout. ` +
          'Stop that one first, or set REDIS_URL.',
      );
    }
    await pause(PAUSE_MS);
  }
}

/** The number alone may be anybody's by now; Redis shows its port in its command line. */
async function isRedis(pid: number, port: number): Promise<boolean> {
  const line = await commandLineOf(pid);
  return line !== null && /(redis|valkey)-server/.test(line) && line.includes(String(port));
}
