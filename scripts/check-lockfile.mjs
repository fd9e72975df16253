// What goes wrong with a package-lock.json on machines other than the one that wrote it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILES = ['package-lock.json', 'bench/package-lock.json'];

/** @typedef {{ resolved?: string, optionalDependencies?: Record<string, string> }} LockedPackage */

/**
 * @param {string} root the repository's folder
 * @returns {string[]} one line for each fault, empty when there is none
 */
export function findLockfileFaults(root) {
  return LOCK_FILES.filter((file) => existsSync(join(root, file))).flatMap((file) => {
    /** @type {Record<string, LockedPackage>} */
    const packages = JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
    return [...registries(packages), ...missingOptionals(packages)].map((fault) => `${file}: ${fault}`);
  });
}

/**
 * The address of whoever wrote the file would send everybody else there.
 * @param {Record<string, LockedPackage>} packages
 */
function registries(packages) {
  return Object.entries(packages)
    .filter(([, { resolved }]) => resolved?.includes('://'))
    .map(([path]) => `${path} names where it came from; .npmrc has omit-lockfile-registry-resolved against that.`);
}

/**
 * A package for another system has an entry too, else `npm ci` refuses the whole file. npm leaves such an entry out
 * when the registry at hand does not carry the package; it is then written by hand, without `integrity`.
 * @param {Record<string, LockedPackage>} packages
 */
function missingOptionals(packages) {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`${path}/node_modules/${name}` in packages || `node_modules/${name}` in packages))
      .map((name) => `${path} may need ${name}, which has no entry: npm ci will refuse this file.`),
  );
}
