// A package-lock.json that names the registry of whoever wrote it sends everybody else there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILES = ['package-lock.json', 'bench/package-lock.json'];

/**
 * @param {string} root the repository's folder
 * @returns {string[]} one line for each fault, empty when there is none
 */
export function findLockfileFaults(root) {
  return LOCK_FILES.filter((file) => existsSync(join(root, file))).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /"resolved": "(https?|git)/.test(line)
          ? [
              `${file}:${index + 1} names where a package came from. Write it again: npm install with omit-lockfile-registry-resolved.`,
            ]
          : [],
      ),
  );
}
