import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { SetupError } from './setup-error.ts';

const run = promisify(execFile);

/**
 * Stops a server that an earlier start left behind, and enters this process as the cluster's user from now on.
 * @throws SetupError when that earlier start is still at work
 */
export async function takeOver(
  binDirectory: string,
  dataDirectory: string,
  ownerFile: string,
  account: Account | null,
): Promise<void> {
  const pgCtl = (...words: string[]): Promise<unknown> =>
    run(join(binDirectory, 'pg_ctl'), [...words, '-D', dataDirectory], { ...account, cwd: '/' });
  // Whether the server runs is asked first: after a restart of the machine the owner's number may be anybody's.
  const serverRuns = await pgCtl('status').then(
    () => true,
    () => false,
  );
  if (serverRuns) {
    const owner = Number(await readFile(ownerFile, 'utf8').catch(() => ''));
    if (owner > 0 && owner !== process.pid && isAlive(owner)) {
      throw new SetupError(
        `The embedded Postgres of this checkout is in use by another npm start (process ${owner}). ` +
          'Stop that one first, or set DATABASE_URL.',
      );
    }
    // It may be stopping by itself at this moment: then there is nothing to stop, and that is as good.
    await pgCtl('stop', '-m', 'fast', '-w').catch(() => undefined);
  }
  await writeFile(ownerFile, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
