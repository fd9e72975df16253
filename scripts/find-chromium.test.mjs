import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryRoot } from '../test-support/temporary-root.ts';
import { findChromium, findOrInstallChromium } from './find-chromium.mjs';

/** @param {Record<string, string>} programs */
async function machine(programs) {
  const root = await temporaryRoot(programs);
  onTestFinished(() => root.remove());
  for (const name of Object.keys(programs)) chmodSync(join(root.path, name), 0o755);
  return root.path;
}

test('a Chromium on PATH is found', async () => {
  const path = await machine({ chromium: '#!/bin/sh\n' });
  expect(findChromium(path)).toBe(join(path, 'chromium'));
});

test('where a password would be asked for, it is said what to type, and nothing is installed', async () => {
  const path = await machine({ 'apt-get': '#!/bin/sh\nexit 1\n', sudo: '#!/bin/sh\nexit 1\n' });
  const { program, advice } = findOrInstallChromium({ path, isRoot: false });
  expect(program).toBeNull();
  expect(advice).toContain('sudo apt-get install -y -q --no-install-recommends chromium');
});

test('where apt-get installs it, it is used', async () => {
  const path = await machine({});
  const install = `#!/bin/sh\n[ "$1" = install ] || exit 0\nprintf '#!/bin/sh\\n' > ${path}/chromium\n/bin/chmod 755 ${path}/chromium\n`;
  const root = await temporaryRoot({ 'apt-get': install });
  onTestFinished(() => root.remove());
  chmodSync(join(root.path, 'apt-get'), 0o755);
  const { program } = findOrInstallChromium({ path: `${path}:${root.path}`, isRoot: true });
  expect(program).toBe(join(path, 'chromium'));
});
