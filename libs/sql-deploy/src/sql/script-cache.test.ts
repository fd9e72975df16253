import { expect, test, vi } from 'vitest';
import type { BundleFile } from '../bundle/bundle.ts';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import { checkScripts } from './check-script.ts';
import { createScriptCache } from './script-cache.ts';
import { ScriptReader } from './script-reader.ts';
import type { Script } from './script.ts';

function fileOf(content: string, path = 'deployment/00000-a.sql'): BundleFile {
  const [file] = bundleFromFiles([{ path, content }]).files;
  if (file === undefined) throw new Error('no file');
  return file;
}

/** Counts how often it is asked to read. */
const reading = (file: BundleFile) => vi.fn<() => Promise<Script>>(() => new ScriptReader().read(file));

test('a file is read once for all who ask, at once or later', async () => {
  const cache = createScriptCache({ maxBytes: 10_000 });
  const file = fileOf('select 1;');
  const read = reading(file);
  const scripts = await Promise.all([1, 2, 3].map(() => cache.get(file, read)));
  scripts.push(await cache.get(file, read));
  expect(read).toHaveBeenCalledTimes(1);
  expect(new Set(scripts).size).toBe(1);
});

test('the same bytes under another path are not read again, and their problems name that path', async () => {
  const cache = createScriptCache({ maxBytes: 10_000 });
  const paths = ['deployment/00000-a.sql', 'create/1-all/b.sql'];
  for (const path of paths) {
    const problems = await checkScripts([fileOf('selec 1;', path)], new ScriptReader(cache));
    expect(problems).toMatchObject([{ rule: 'syntax', path, line: 1, column: 1 }]);
  }
});

test('those used longest ago are forgotten when there is too much', async () => {
  const cache = createScriptCache({ maxBytes: 2 * 1100 });
  const [a, b, c] = ['select 1;', 'select 2;', 'select 3;'].map((content) => fileOf(content)) as [
    BundleFile,
    BundleFile,
    BundleFile,
  ];
  const reads = new Map([a, b, c].map((file) => [file, reading(file)]));
  for (const file of [a, b, a, c, a, b]) await cache.get(file, reads.get(file) as () => Promise<Script>);
  expect([a, b, c].map((file) => reads.get(file)?.mock.calls.length)).toEqual([1, 2, 1]);
  expect(cache.heldBytes).toBeLessThanOrEqual(2 * 1100);
});

test('a file larger than the whole cache leaves what it holds alone', async () => {
  const cache = createScriptCache({ maxBytes: 2000 });
  const small = fileOf('select 1;');
  const large = fileOf(`select '${'x'.repeat(3000)}';`);
  await cache.get(small, reading(small));
  await cache.get(large, reading(large));
  const read = reading(small);
  await cache.get(small, read);
  expect(read).not.toHaveBeenCalled();
});

test('a defect while reading is not kept', async () => {
  const cache = createScriptCache({ maxBytes: 10_000 });
  const file = fileOf('select 1;');
  await expect(cache.get(file, () => Promise.reject(new Error('defect')))).rejects.toThrow('defect');
  expect(cache.heldBytes).toBe(0);
  expect(await cache.get(file, reading(file))).toMatchObject({ statementCount: 1 });
});
