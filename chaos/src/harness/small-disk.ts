import { spawn, spawnSync } from 'node:child_process';
import { chown, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file system of its own in memory, to be filled up. */
export interface SmallDisk {
  readonly directory: string;
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Why this machine gives none; null: it does. */
export function whyNoSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'a small disk is a tmpfs, which is of Linux';
  if (process.getuid?.() !== 0) return 'to mount a small disk takes root';
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt']);
  return probe.status === 0 ? null : 'root may not mount a file system here, as in most containers';
}

/** Waits for the end of the process that holds the other end of its input, however that ends. */
const UNMOUNTER = `trap '' INT TERM HUP; cat >/dev/null; umount -l "$1"; rm -rf -- "$1"`;
const PIECE = Buffer.alloc(64 * 1024);

export async function mountSmallDisk(
  directory: string,
  megabytes: number,
  account: { readonly uid: number; readonly gid: number } | null,
): Promise<SmallDisk> {
  await mkdir(directory);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) throw new Error(`A small disk could not be mounted: ${mounted.stderr}`);
  const unmounter = spawn('/bin/sh', ['-c', UNMOUNTER, 'sh', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const unmounted = new Promise((resolve) => {
    unmounter.once('exit', resolve);
  });
  if (account !== null) await chown(directory, account.uid, account.gid);
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill: async () => {
      const file = await open(ballast, 'a');
      try {
        for (;;) await file.write(PIECE);
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    remove: async () => {
      unmounter.stdin.end();
      await unmounted;
    },
  };
}
