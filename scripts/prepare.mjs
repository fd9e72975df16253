// Builds after an install, so that `npx postgres-manager` works at once. Without the
// compiler (a production install with --omit=dev) there is nothing to build with: the
// built output is expected to be there already.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}node_modules/typescript/bin/tsc`;
if (existsSync(compiler)) {
  const built = spawnSync(process.execPath, [compiler, '-b'], { cwd: root, stdio: 'inherit' });
  process.exitCode = built.status ?? 1;
}
