import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SetupError } from './setup-error.ts';

const run = promisify(execFile);

/** The system user that Postgres runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root, so root runs it as the system user `postgres`, made if there is none.
 * Anyone else runs it as themselves: null.
 */
export async function postgresAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const known = await lookUp('postgres');
  if (known !== null) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (cause) {
    // Another program may have made it meanwhile: the look-up below decides.
    const made = await lookUp('postgres');
    if (made !== null) return made;
    throw new SetupError(
      'Postgres does not run as root, and a system user "postgres" to run it as could not be made (useradd failed). ' +
        'Make one, run this as another user, or set DATABASE_URL to use a server of your own.',
      { cause },
    );
  }
  const made = await lookUp('postgres');
  if (made === null) throw new SetupError('useradd reported success, but there is no system user "postgres".');
  return made;
}

async function lookUp(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}
