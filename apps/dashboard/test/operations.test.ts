import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openApi } from '../../api/src/openapi.ts';
import { ROUTES } from '../../api/src/routes/index.ts';
import { clientTypes } from '../../../scripts/client-types.mjs';

test('the client of the page is in step with the API (`npm run generate` brings it there)', async () => {
  const committed = await readFile(new URL('../src/api/operations.ts', import.meta.url), 'utf8');
  expect(committed === clientTypes(ROUTES, openApi(ROUTES, '0'))).toBe(true);
});
