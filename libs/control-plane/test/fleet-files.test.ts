import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlDatabase, TESTER, type TestControlDatabase } from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { findFleetFiles, storeBundle } from '../src/index.ts';

const ALL = { bundle: null, labels: {}, allowed: {}, last: 20 };
const bundle = bundleFromFiles(
  ['00000-a', '00001-b', '00002-c', '00003-d'].map((name) => ({ path: `deployment/${name}.sql`, content: name })),
);
const shaOf = (name: string): string =>
  bundle.files.find(({ path }) => path === `deployment/${name}.sql`)?.sha256 ?? 'none';
let db: TestControlDatabase;

/** A target whose ledger holds these files: `name` with the bundle's bytes, `name!` with others. Null: never seen. */
async function target(
  name: string,
  files: readonly string[] | null,
  labels: Record<string, string> = {},
): Promise<void> {
  await db.database.query(`INSERT INTO control_plane.targets (name, labels, dsn_env) VALUES ($1, $2, 'X')`, [
    name,
    labels,
  ]);
  if (files === null) return;
  const ledger = files.map((file) => ({
    path: `deployment/${file.replace('!', '')}.sql`,
    sha256: file.endsWith('!') ? 'other' : shaOf(file),
  }));
  await db.database.query(
    `INSERT INTO control_plane.target_ledgers (target_id, create_state, server_version, files, applied)
     SELECT id, 'complete', '17', $2, 1 FROM control_plane.targets WHERE name = $1`,
    [name, JSON.stringify([{ path: 'create/1-tables/a.sql', sha256: 'x' }, ...ledger])],
  );
}

async function deployed(name: string, status: string, file: string | null, isDryRun = false): Promise<void> {
  await db.database.query(
    `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, dry_run, failure, created_by)
     SELECT id, name, 'deployment', $2, $3, $4, $5, 'test' FROM control_plane.targets WHERE name = $1`,
    [name, bundle.digest, status, isDryRun, file === null ? null : JSON.stringify({ file })],
  );
}

beforeAll(async () => {
  db = await createControlDatabase(anyServer());
  await storeBundle(db.control, bundle, [], TESTER);
  await target('all', ['00000-a', '00001-b', '00002-c', '00003-d'], { env: 'live' });
  await target('behind', ['00000-a', '00001-b'], { env: 'live' });
  await target('changed', ['00000-a', '00001-b!', '00002-c']);
  await target('failed', ['00000-a']);
  await deployed('failed', 'failed', 'deployment/00001-b.sql');
  await deployed('failed', 'succeeded', null, true);
  await target('mended', ['00000-a', '00001-b']);
  await deployed('mended', 'failed', 'deployment/00001-b.sql');
  await target('missing', ['00000-a', '00001-x']);
  await target('new', null);
});
afterAll(() => db.drop());

describe('files across the fleet', () => {
  test('each target has a letter for each file of the bundle, and for those that it lacks', async () => {
    const { files, targets } = await findFleetFiles(db.control, { ...ALL, bundle: bundle.digest });
    expect(files.map(({ path }) => path.slice(11, 18))).toEqual([
      '00000-a',
      '00001-b',
      '00001-x',
      '00002-c',
      '00003-d',
    ]);
    expect(files.map(({ sha256 }) => sha256 === null)).toEqual([false, false, true, false, false]);
    expect(Object.fromEntries(targets.map(({ target: name, states }) => [name, states]))).toEqual({
      all: 'aapaa',
      behind: 'aappp',
      changed: 'acpap',
      failed: 'afppp',
      mended: 'aappp',
      missing: 'apmpp',
      new: '?????',
    });
  });

  test('without a bundle the odd one out is the one with other bytes than most', async () => {
    const { files, targets } = await findFleetFiles(db.control, ALL);
    expect(files[1]).toEqual({ path: 'deployment/00001-b.sql', sha256: shaOf('00001-b') });
    expect(targets.find(({ target: name }) => name === 'changed')?.states).toBe('acpap');
    expect(targets.find(({ target: name }) => name === 'missing')?.states).toBe('apapp');
  });

  test('of many files the last are shown, whatever each target has of them', async () => {
    const { files, targets } = await findFleetFiles(db.control, { ...ALL, bundle: bundle.digest, last: 2 });
    expect(files.map(({ path }) => path.slice(11, 18))).toEqual(['00002-c', '00003-d']);
    expect(targets.map(({ states }) => states)).toEqual(['aa', 'pp', 'ap', 'pp', 'pp', 'pp', '??']);
  });

  test('labels choose the targets, and those of the key hide the others', async () => {
    const live = await findFleetFiles(db.control, { ...ALL, labels: { env: 'live' } });
    expect(live.targets.map(({ target: name }) => name)).toEqual(['all', 'behind']);
    expect(await findFleetFiles(db.control, { ...ALL, allowed: { env: 'live' } })).toEqual(live);
    expect(live.files.map(({ path }) => path)).not.toContain('deployment/00001-x.sql');
    expect(await findFleetFiles(db.control, { ...ALL, allowed: { env: 'none' } })).toEqual({ files: [], targets: [] });
  });
});
