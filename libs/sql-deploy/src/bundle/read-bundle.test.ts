import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES } from './bundle.ts';
import { bundleFromFiles } from './bundle-from-files.ts';
import { readBundle } from './read-bundle.ts';

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'read-bundle-'));
  root = join(base, 'root');
  mkdirSync(root);
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array = 'select 1;'): void {
  const diskPath = join(root, path);
  mkdirSync(dirname(diskPath), { recursive: true });
  writeFileSync(diskPath, content);
}

/** Permissions mean nothing to root, as which containers run their tests. */
async function asSomebody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

const unusable = async () =>
  (await readBundle(root)).unusable.map(({ path, reason, detail }) => [path, reason, detail]);
const paths = async () => (await readBundle(root)).files.map((file) => file.path);

describe('what is in a bundle', () => {
  test('files of the three folders, sorted bytewise; dotfiles and notes left out', async () => {
    for (const path of ['deployment/00001-b.sql', 'deployment/00000-a.sql', 'create/2-b/x.sql', 'create/10-a/é.sql'])
      write(path);
    for (const path of ['create/10-a/Z.sql', 'create/10-a/a.sql', 'create/10-a/order.json', 'create/top.sql'])
      write(path);
    for (const path of ['deployment/README.MD', 'create/10-a/notes.md', 'create/.git/HEAD', 'create/10-a/.a.sql'])
      write(path);
    write('other/x.sql');
    const bundle = await readBundle(root);
    expect(bundle.files.map((file) => file.path)).toEqual([
      'create/10-a/Z.sql',
      'create/10-a/a.sql',
      'create/10-a/order.json',
      'create/10-a/é.sql',
      'create/2-b/x.sql',
      'create/top.sql',
      'deployment/00000-a.sql',
      'deployment/00001-b.sql',
    ]);
    expect(bundle.files[0]).toMatchObject({ folder: 'create', name: '10-a/Z.sql' });
    expect([...bundle.folders]).toEqual(['create', 'deployment']);
    expect(bundle.unusable).toEqual([]);
  });

  test('a stray file is named, its content is not read', async () => {
    write('deployment/dump.bin', 'secret');
    const { files } = await readBundle(root);
    expect(files).toMatchObject([{ path: 'deployment/dump.bin', bytes: new Uint8Array(0) }]);
  });

  test('empty folders count as folders', async () => {
    mkdirSync(join(root, 'manual-deployment'));
    expect(await readBundle(root)).toMatchObject({ files: [], folders: new Set(['manual-deployment']) });
  });
});

describe('what can not be taken in', () => {
  test('directories where files belong', async () => {
    write('deployment/00000-x.sql/inner.sql');
    write('create/1-a/deeper/x.sql');
    expect(await unusable()).toEqual([
      ['create/1-a/deeper', 'directory', ''],
      ['deployment/00000-x.sql', 'directory', ''],
    ]);
  });

  test('links are followed below the root and nowhere else', async () => {
    write('shared/tables/a.sql', 'inside');
    mkdirSync(join(root, 'create'));
    mkdirSync(join(root, 'deployment'));
    writeFileSync(join(base, 'outside.sql'), 'outside');
    mkdirSync(join(base, 'root-next-door'));
    symlinkSync('../shared/tables', join(root, 'create/1-tables'));
    symlinkSync('../shared/tables/a.sql', join(root, 'deployment/00000-a.sql'));
    symlinkSync('../../outside.sql', join(root, 'deployment/00001-b.sql'));
    symlinkSync('nowhere.sql', join(root, 'deployment/00002-c.sql'));
    symlinkSync('00003-d.sql', join(root, 'deployment/00003-d.sql'));
    symlinkSync('../shared', join(root, 'deployment/00004-e.sql'));
    symlinkSync('../../root-next-door', join(root, 'create/2-b'));
    expect(await unusable()).toEqual([
      ['create/2-b', 'link-outside', ''],
      ['deployment/00001-b.sql', 'link-outside', ''],
      ['deployment/00002-c.sql', 'link-outside', 'ENOENT'],
      ['deployment/00003-d.sql', 'link-outside', 'ELOOP'],
      ['deployment/00004-e.sql', 'directory', ''],
    ]);
    expect(await paths()).toEqual(['create/1-tables/a.sql', 'deployment/00000-a.sql']);
  });

  test('a root reached through a link is as good as any, and so is a folder that is one', async () => {
    write('sql/deployment/00000-a.sql');
    symlinkSync('sql/deployment', join(root, 'deployment'));
    symlinkSync(root, join(base, 'link'));
    expect((await readBundle(join(base, 'link'))).files).toMatchObject([{ path: 'deployment/00000-a.sql' }]);
  });

  test('a folder that is a link to elsewhere, or a file', async () => {
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync('../elsewhere', join(root, 'create'));
    write('deployment');
    const bundle = await readBundle(root);
    expect(bundle.folders.size).toBe(0);
    expect(await unusable()).toEqual([
      ['create', 'link-outside', ''],
      ['deployment', 'not-a-folder', ''],
    ]);
  });

  test('a file above the limit is not read; one at the limit is', async () => {
    write('deployment/00000-a.sql', '');
    write('deployment/00001-b.sql', '');
    truncateSync(join(root, 'deployment/00000-a.sql'), MAX_FILE_BYTES + 1);
    truncateSync(join(root, 'deployment/00001-b.sql'), MAX_FILE_BYTES);
    expect(await unusable()).toEqual([['deployment/00000-a.sql', 'too-large', '52428801']]);
    expect((await readBundle(root)).files[0]?.bytes.length).toBe(MAX_FILE_BYTES);
  });

  test('pipes and sockets are named and never waited on', async () => {
    mkdirSync(join(root, 'deployment'));
    execFileSync('mkfifo', [join(root, 'deployment/00000-a.sql')]);
    const server = createServer().listen(join(root, 'deployment/00001-b.sql'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await unusable()).toEqual([
      ['deployment/00000-a.sql', 'special', ''],
      ['deployment/00001-b.sql', 'special', ''],
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('what may not be read', async () => {
    write('deployment/00000-a.sql');
    write('create/1-a/x.sql');
    chmodSync(base, 0o755);
    chmodSync(join(root, 'deployment/00000-a.sql'), 0);
    chmodSync(join(root, 'create/1-a'), 0);
    expect(await asSomebody(unusable)).toEqual([
      ['create/1-a', 'unreadable', 'EACCES'],
      ['deployment/00000-a.sql', 'unreadable', 'EACCES'],
    ]);
    chmodSync(join(root, 'create/1-a'), 0o700);
  });

  test('a name that is not UTF-8 is reported, not skipped', async () => {
    mkdirSync(join(root, 'deployment'));
    writeFileSync(
      Buffer.concat([Buffer.from(join(root, 'deployment/00000-')), Buffer.from([0xe9]), Buffer.from('.sql')]),
      '',
    );
    expect(await unusable()).toEqual([['deployment/00000-\ufffd.sql', 'unreadable', 'ENOENT']]);
  });
});

describe('roots that are none', () => {
  test('missing, a file, or without any of the folders', async () => {
    await expect(readBundle(join(base, 'nowhere'))).rejects.toMatchObject({
      code: 'root_missing',
      message: expect.stringContaining(join(base, 'nowhere')) as string,
      hint: expect.stringContaining('--root') as string,
    });
    write('x.sql');
    await expect(readBundle(join(root, 'x.sql'))).rejects.toMatchObject({
      message: expect.stringContaining('not a directory') as string,
    });
    mkdirSync(join(root, 'Create'));
    await expect(readBundle(root)).rejects.toMatchObject({
      code: 'root_missing',
      message: expect.stringMatching(/create, deployment and manual-deployment/) as string,
    });
  });
});

test('the same files give the same bundle, from a disk or from memory, in any order', async () => {
  const baseNames = fc.constantFrom(
    'a.sql',
    'B.sql',
    '00000-x.sql',
    'é.sql',
    'order.json',
    'x.txt',
    'README.md',
    '😀.sql',
    '！.sql',
  );
  const parents = fc.constantFrom(
    'create',
    'create/1-a',
    'create/10-b',
    'create/1-a/deep',
    'deployment',
    'deployment/d/e',
    'manual-deployment',
  );
  const files = fc.uniqueArray(
    fc.record({ parent: parents, baseName: baseNames, content: fc.uint8Array({ maxLength: 20 }) }),
    { minLength: 1, selector: ({ parent, baseName }) => `${parent}/${baseName}` },
  );
  await fc.assert(
    fc.asyncProperty(files, async (inputs) => {
      rmSync(root, { recursive: true });
      const list = inputs.map(({ parent, baseName, content }) => ({ path: `${parent}/${baseName}`, content }));
      for (const { path, content } of list) write(path, content);
      const fromDisk = await readBundle(root);
      const plain = (bundle: typeof fromDisk) => ({
        ...bundle,
        folders: [...bundle.folders].sort(),
        files: bundle.files.map((file) => ({ ...file, bytes: [...file.bytes] })),
      });
      expect(plain(bundleFromFiles(list))).toEqual(plain(fromDisk));
      expect(plain(bundleFromFiles([...list].reverse()))).toEqual(plain(fromDisk));
    }),
    { numRuns: 60 },
  );
});
