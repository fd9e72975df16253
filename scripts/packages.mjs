// The packages of npm: are they there, are they those of package-lock.json, and if not, install them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, link?: boolean, optional?: boolean, peer?: boolean }} LockedPackage */

/**
 * True when node_modules holds what package-lock.json names. Compares what npm wrote down when it installed, since
 * times of files say nothing after a `git checkout`.
 * @param {string} root the repository's folder
 */
export function packagesAreCurrent(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    // What is optional is left out on machines that it is not for.
    if (found === undefined) return optional === true;
    return link === true || found.version === version;
  });
}

/**
 * Installs the packages as package-lock.json names them.
 * @param {string} root
 * @returns {boolean} whether npm was content
 */
export function installPackages(root) {
  // Below `npm start` the npm that runs us is known; else the one on PATH is taken.
  const runningNpm = process.env.npm_execpath;
  const npmArguments = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const { status } = runningNpm?.endsWith('.js')
    ? spawnSync(process.execPath, [runningNpm, ...npmArguments], options)
    : spawnSync('npm', npmArguments, { ...options, shell: process.platform === 'win32' });
  return status === 0;
}

/**
 * @param {string} lockFile
 * @returns {Record<string, LockedPackage> | null}
 */
function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return null;
  }
}
