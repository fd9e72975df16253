import { execFile } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { SetupError } from './setup-error.ts';

export interface ClusterOptions {
  /** The folder with `initdb` and `postgres`. */
  readonly binDirectory: string;
  /** Where the cluster goes; absent as yet. Its parent folder can be entered by the account. */
  readonly dataDirectory: string;
  /** The superuser to make. */
  readonly user: string;
  readonly password: string;
  /** Whom to run as; null: as this process. */
  readonly account: Account | null;
  /** False: don't wait for the disk. Only for a cluster that nobody will miss. */
  readonly durable: boolean;
}

/**
 * Makes a cluster in UTF-8 with the C locale: the same order of names on every machine.
 * @throws SetupError with the output of initdb
 */
export async function createCluster(options: ClusterOptions): Promise<void> {
  const { account, dataDirectory } = options;
  await mkdir(dataDirectory, { mode: 0o700 });
  const passwordFile = `${dataDirectory}.pwfile`;
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
  try {
    if (account !== null) {
      await chown(dataDirectory, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await promisify(execFile)(
      join(options.binDirectory, 'initdb'),
      [
        `--pgdata=${dataDirectory}`,
        `--username=${options.user}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
        ...(options.durable ? [] : ['--no-sync']),
      ],
      { ...account, cwd: '/' },
    );
  } catch (cause) {
    throw new SetupError(`initdb could not make a Postgres cluster in ${dataDirectory}:\n${outputOf(cause)}`, {
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function outputOf(error: unknown): string {
  const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
  return `${stdout}${stderr}`.trim() || message;
}
