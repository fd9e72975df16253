import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keptSecret } from '../local/kept-secret.ts';
import type { Account } from './account.ts';
import { SetupError } from './setup-error.ts';

/**
 * Where the embedded Postgres of a checkout is kept, from one start to the next: `.local/` of the checkout, or, where
 * the account can't go there (a checkout below /root), a folder for temporary files that is named after the checkout.
 */
export async function storageFolder(checkout: string, account: Account | null): Promise<string> {
  const local = join(checkout, '.local');
  await mkdir(local, { recursive: true });
  if (account === null || (await canEnter(local, account))) return local;
  const name = createHash('sha256').update(checkout).digest('hex').slice(0, 12);
  const elsewhere = join(tmpdir(), `postgres-manager-${name}`);
  await mkdir(elsewhere, { recursive: true, mode: 0o755 });
  // Anybody can make folders here, so the name alone proves nothing.
  const found = await lstat(elsewhere);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new SetupError(`${elsewhere} is where the embedded Postgres is to be kept, but it belongs to somebody else.`);
  }
  return elsewhere;
}

/** The superuser's password: made once, and readable by nobody else. */
export async function keptPassword(storage: string): Promise<string> {
  return (await keptSecret(join(storage, 'postgres-password'), () => randomBytes(18).toString('hex'))).value;
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}
