// `npm run generate`: the types of the dashboard's client, from what the API declares. A test holds them to it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './build.mjs';
import { clientTypes } from './client-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const moduleAt = (/** @type {string} */ path) => pathToFileURL(`${root}${path}`).href;

if (compile('apps/api')) {
  const { openApi } = await import(moduleAt('apps/api/dist/openapi.js'));
  const { ROUTES } = await import(moduleAt('apps/api/dist/routes/index.js'));
  writeFileSync(`${root}apps/dashboard/src/api/operations.ts`, clientTypes(ROUTES, openApi(ROUTES, '0')));
} else {
  process.exitCode = 1;
}
