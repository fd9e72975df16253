import { createHash } from 'node:crypto';
import type { BundleFile, UnusableEntry } from './bundle.ts';

/** SHA-256 of no bytes: the digest of a file whose name alone is in the bundle. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** SHA-256, 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The name of a bundle: SHA-256 over one line for each file, in the order of their paths, `path NUL sha256 LF`.
 * Whatever the validator's verdict hangs on is in it, since a verdict is kept under this name: a stray file counts
 * with its path and the digest of nothing, and what could not be read follows as `path NUL !reason LF`.
 * Ignored files (dotfiles, `*.md`), times, owners and permissions are not in it.
 * @param files sorted by path
 * @param unusable sorted by path
 */
export function bundleDigest(files: readonly BundleFile[], unusable: readonly UnusableEntry[]): string {
  const hash = createHash('sha256');
  hash.update(files.map((file) => `${file.path}\0${file.sha256}\n`).join(''));
  hash.update(unusable.map((entry) => `${entry.path}\0!${entry.reason}\n`).join(''));
  return hash.digest('hex');
}
