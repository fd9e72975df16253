// The dashboard's files: apps/dashboard/src -> apps/dashboard/dist/page, which the API serves at `/`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dashboard = join(root, 'apps/dashboard');
/** Which sources the files there were made of. */
const stamp = join(dashboard, 'dist/page.stamp');

/**
 * Builds the page, unless it was built from these very sources. Vite says itself what is wrong.
 * @returns {boolean} whether it is there
 */
export function buildPage() {
  const sources = digestOfSources();
  const isBuilt = existsSync(join(dashboard, 'dist/page/index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return true;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // In a process of its own: under a test runner NODE_ENV is another, and React would come with its checks.
  const { status } = spawnSync(process.execPath, [vite, 'build', dashboard, '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status === 0) writeFileSync(stamp, sources);
  return status === 0;
}

/** By content: times of files say nothing after a `git checkout`. The lock file tells the versions of packages. */
function digestOfSources() {
  const hash = createHash('sha256');
  const inFolders = ['src', 'public'].flatMap((folder) =>
    readdirSync(join(dashboard, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const single = ['index.html', 'vite.config.ts', 'package.json'].map((name) => join(dashboard, name));
  for (const path of [...inFolders, ...single, join(root, 'package-lock.json')].sort()) {
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}
