import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Installs the benchmark's own packages (the other runners, the embedded server) where they are not there yet. */
export function installPackages() {
  const installed = modifiedMs('node_modules/.package-lock.json');
  if (installed !== null && installed >= (modifiedMs('package-lock.json') ?? 0)) return;
  console.log('Installing the runners to compare with (npm ci in bench/) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci in bench/ failed: see above');
}

/** @returns {number | null} null when there is no such file */
function modifiedMs(path) {
  return statSync(`${here}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
