// Builds after an install, so that `npx postgres-manager` works at once. Without the
// compiler (a production install with --omit=dev) there is nothing to build with: the
// built output is expected to be there already.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (existsSync(compiler) && !(await build())) process.exitCode = 1;
