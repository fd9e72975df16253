// `npm run build`: compiles, checking types, then puts the command's modules into a few files, and the page's too.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Brings everything built up to date. What the compiler has to say goes to standard error.
 * @returns {Promise<boolean>} whether it compiled
 */
export async function build() {
  if (!compile('.')) return false;
  await bundleCommand();
  return buildPage();
}

/**
 * Compiles what is not up to date of a project and of those it refers to.
 * @param {string} project relative to the repository's folder
 * @returns {boolean} whether it compiled
 */
export function compile(project) {
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  return spawnSync(process.execPath, [compiler, '-b', project], { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
}

/**
 * Most of what a run with nothing to do costs is loading: a hundred small modules take longer to find than to
 * execute. Each command stays a file of its own, so that only what is needed is loaded.
 */
async function bundleCommand() {
  const { rolldown } = await import('rolldown');
  const app = `${root}apps/cli/dist/`;
  const bundle = await rolldown({
    input: `${app}main.js`,
    platform: 'node',
    // What the start and the commands share may stay in main.js: each further file is one more to find and open.
    preserveEntrySignatures: 'allow-extension',
    // The parser finds its WebAssembly beside itself; the driver's native twin is not ours.
    external: [/^libpg-query/, 'pg-native', /^node:/],
    logLevel: 'warn',
    // The driver looks for Cloudflare's runtime by touching Response, which makes Node load its whole HTTP client.
    transform: { define: { Response: 'undefined' } },
  });
  // Not cleaned: a run of the command under way still finds the pieces it was built with, whose names hold a digest.
  await bundle.write({ dir: `${app}bundled`, format: 'esm', sourcemap: true });
  await bundle.close();
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain && !(await build())) process.exitCode = 1;
