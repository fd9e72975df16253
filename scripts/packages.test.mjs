import { expect, onTestFinished, test } from 'vitest';
import { temporaryRoot } from '../test-support/temporary-root.ts';
import { packagesAreCurrent } from './packages.mjs';

const WANTED = {
  '': { version: '1.0.0' },
  'libs/a': { version: '1.0.0' },
  'node_modules/@x/a': { link: true },
  'node_modules/pg': { version: '8.0.0' },
  'node_modules/only-for-macos': { version: '1.0.0', optional: true },
};

/**
 * @param {object} installed
 */
async function checkout(installed) {
  const root = await temporaryRoot({
    'package-lock.json': JSON.stringify({ packages: WANTED }),
    'node_modules/.package-lock.json': JSON.stringify({ packages: installed }),
  });
  onTestFinished(() => root.remove());
  return root.path;
}

test('packages are current when each has the version of package-lock.json', async () => {
  const root = await checkout({
    'node_modules/@x/a': { resolved: 'libs/a', link: true },
    'node_modules/pg': { version: '8.0.0' },
  });
  expect(packagesAreCurrent(root)).toBe(true);
});

test('packages are not current when one is missing', async () => {
  expect(packagesAreCurrent(await checkout({ 'node_modules/@x/a': { link: true } }))).toBe(false);
});

test('packages are not current when one has another version', async () => {
  const root = await checkout({ 'node_modules/@x/a': { link: true }, 'node_modules/pg': { version: '7.0.0' } });
  expect(packagesAreCurrent(root)).toBe(false);
});

test('packages are not current in a fresh clone', async () => {
  const root = await temporaryRoot({ 'package-lock.json': JSON.stringify({ packages: WANTED }) });
  onTestFinished(() => root.remove());
  expect(packagesAreCurrent(root.path)).toBe(false);
});
