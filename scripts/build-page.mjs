// The dashboard's files: apps/dashboard/src -> apps/dashboard/dist/page, which the API serves at `/`.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dashboard = join(root, 'apps/dashboard');
/** Which sources the files there were made of. */
const stamp = join(dashboard, 'dist/page.stamp');

/** Builds the page, unless it was built from these very sources. Vite says itself what is wrong, and throws. */
export async function buildPage() {
  const sources = digestOfSources();
  const isBuilt = existsSync(join(dashboard, 'dist/page/index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  const { build } = await import('vite');
  await build({ root: dashboard, configFile: join(dashboard, 'vite.config.ts'), logLevel: 'warn' });
  writeFileSync(stamp, sources);
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
