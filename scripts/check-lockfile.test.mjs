import { expect, onTestFinished, test } from 'vitest';
import { temporaryRoot } from '../test-support/temporary-root.ts';
import { findLockfileFaults } from './check-lockfile.mjs';

/** @param {object} packages */
async function faultsOf(packages) {
  const root = await temporaryRoot({ 'package-lock.json': JSON.stringify({ packages }) });
  onTestFinished(() => root.remove());
  return findLockfileFaults(root.path);
}

test('a lock file without addresses and with every optional package is sound', async () => {
  const faults = await faultsOf({
    'node_modules/@x/lib': { resolved: 'libs/lib', link: true },
    'node_modules/a': { version: '1.0.0', optionalDependencies: { 'a-linux': '1.0.0', 'a-macos': '1.0.0' } },
    'node_modules/a-linux': { version: '1.0.0' },
    'node_modules/a/node_modules/a-macos': { version: '1.0.0' },
  });
  expect(faults).toEqual([]);
});

test('an address of a registry is found', async () => {
  const faults = await faultsOf({ 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } });
  expect(faults).toEqual([expect.stringContaining('package-lock.json: node_modules/a names where it came from')]);
});

test('an optional package without an entry is found', async () => {
  const faults = await faultsOf({ 'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0' } } });
  expect(faults).toEqual([
    'package-lock.json: node_modules/a may need a-linux, which has no entry: npm ci will refuse this file.',
  ]);
});
