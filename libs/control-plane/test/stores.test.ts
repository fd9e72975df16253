import { createHash, randomUUID } from 'node:crypto';
import { bundleFromFiles, deploy } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createControlDatabase,
  randomEncryptionKey,
  plainDeployment,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import {
  createKey,
  enterDeploymentOnce,
  enterKey,
  findKeyByHash,
  findTarget,
  findTargetLedger,
  hasAdminKey,
  hashKey,
  listAudit,
  listKeys,
  listTargets,
  migrateControlDatabase,
  type NewDeployment,
  noteKeyUse,
  openSecret,
  putTarget,
  readKeyring,
  removeTarget,
  revokeKey,
  rotateSecrets,
  sealSecret,
  storeBundle,
} from '../src/index.ts';

const server = anyServer();
let db: TestControlDatabase;
const keyring = readKeyring(randomEncryptionKey(), null);
const shown = { host: 'h', port: 5432, database: 'd', user: 'u', tls: 'disable' as const };
const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

beforeAll(async () => {
  db = await createControlDatabase(server);
  await storeBundle(db.control, bundle, [], TESTER);
});
afterAll(() => db.drop());

async function register(name: string, labels: Record<string, string> = {}, dsn = 'postgres://u:p@h/d'): Promise<void> {
  const secret = sealSecret(dsn, name, keyring);
  await putTarget(db.control, { name, labels, dsn: { kind: 'sealed', secret, shown } }, {}, TESTER);
}

describe('the schema', () => {
  test('is made once by eight that start together, and left alone by an older one beside a newer', async () => {
    const database = await createTestDatabase(server);
    onTestFinished(() => database.drop());
    await Promise.all(Array.from({ length: 8 }, () => migrateControlDatabase(database.dsn, 5000)));
    const newer = bundleFromFiles([{ path: 'deployment/00001-later.sql', content: 'SELECT 1;' }]);
    const [row] = await database.query<{ count: string }>('SELECT count(*) FROM postgres_manager.ledger');
    const before = Number(row?.count);
    await database.query(
      `INSERT INTO postgres_manager.ledger (folder, file_name, sha256, origin, applied_by, applied_at)
       VALUES ('deployment', '99999-of-a-newer-program.sql', $1, 'run', 'newer', now())`,
      [newer.digest],
    );
    await migrateControlDatabase(database.dsn, 5000);
    const [after] = await database.query<{ count: string }>('SELECT count(*) FROM postgres_manager.ledger');
    expect(Number(after?.count)).toBe(before + 1);
  });

  test('of a database that is away is told in a sentence', async () => {
    await expect(migrateControlDatabase('postgres://u:secret@127.0.0.1:1/d', 200)).rejects.toMatchObject({
      code: 'control_database_unavailable',
      message: expect.not.stringContaining('secret') as unknown,
    });
  });
});

describe('targets', () => {
  test('are registered, changed in part, listed by label and removed; each change is in the audit log', async () => {
    const name = `t-${randomUUID()}`;
    expect(await putTarget(db.control, { name, labels: {} }, {}, TESTER)).toBe('dsn_missing');
    await register(name, { env: 'x', region: 'eu' });
    expect(await putTarget(db.control, { name, lockTimeoutMs: 1234 }, {}, TESTER)).toBe('changed');
    expect(await findTarget(db.control, name, { env: 'x' })).toMatchObject({
      name,
      host: 'h',
      labels: { env: 'x', region: 'eu' },
      lockTimeoutMs: 1234,
      ledger: null,
      lastDeployment: null,
    });
    expect(await findTarget(db.control, name, { env: 'y' })).toBeNull();
    expect(await findTargetLedger(db.control, name, {})).toBeNull();
    const query = { labels: { region: 'eu' }, allowed: { env: 'x' }, after: '', limit: 10 };
    expect((await listTargets(db.control, query)).map((target) => target.name)).toEqual([name]);
    expect(await putTarget(db.control, { name, labels: { env: 'z' } }, { env: 'x' }, TESTER)).toBe('forbidden');
    expect(await removeTarget(db.control, name, { env: 'y' }, TESTER)).toBe(false);
    expect(await removeTarget(db.control, name, { env: 'x' }, TESTER)).toBe(true);
    expect(await findTarget(db.control, name, {})).toBeNull();
    const log = await listAudit(db.control, { subjectType: 'target', subject: name, before: null, limit: 10 });
    expect(log.map((entry) => entry.action)).toEqual(['target.remove', 'target.put', 'target.put']);
    expect(JSON.stringify(log)).not.toContain('postgres://');
    await register(name);
    expect((await findTarget(db.control, name, {}))?.labels).toEqual({});
  });

  test('registered by ten at once are one', async () => {
    const name = `t-${randomUUID()}`;
    await Promise.all(Array.from({ length: 10 }, () => register(name)));
    const query = { labels: {}, allowed: {}, after: '', limit: 1000 };
    expect((await listTargets(db.control, query)).filter((target) => target.name === name)).toHaveLength(1);
  });

  test('have their secrets sealed again under a new key', async () => {
    const name = `t-${randomUUID()}`;
    await register(name, {}, 'postgres://u:p@rotated/d');
    const next = randomEncryptionKey();
    // The old key is only in this ring: the test's own cannot be given back as text.
    const rings = { current: readKeyring(next, null).current, byId: new Map(keyring.byId) };
    rings.byId.set(rings.current.id, rings.current);
    const { rotated, failed } = await rotateSecrets(db.control, rings, TESTER);
    expect(failed).toEqual([]);
    expect(rotated).toContain(name);
    const [row] = await db.database.query<{ secret: Buffer; secret_key_id: string }>(
      'SELECT secret, secret_key_id FROM control_plane.targets WHERE name = $1',
      [name],
    );
    const sealed = { bytes: row?.secret ?? Buffer.alloc(0), keyId: row?.secret_key_id ?? '' };
    expect(openSecret(sealed, name, readKeyring(next, null))).toBe('postgres://u:p@rotated/d');
    expect((await rotateSecrets(db.control, rings, TESTER)).rotated).toEqual([]);
  });
});

describe('one Idempotency-Key', () => {
  const wanted = (target: string): NewDeployment => plainDeployment(target, bundle.digest);
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

  test('makes one deployment of fifty requests at once', async () => {
    const name = `t-${randomUUID()}`;
    await register(name);
    const key = { owner: 'me', key: randomUUID(), bodySha256: hash('a') };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => enterDeploymentOnce(db.control, key, wanted(name), TESTER)),
    );
    const ids = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value?.deployment.id] : []));
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(1);
    for (const o of outcomes)
      if (o.status === 'rejected') expect(o.reason).toMatchObject({ code: 'idempotency_key_in_flight' });
    const rows = await db.database.query('SELECT FROM control_plane.deployments WHERE target_name = $1', [name]);
    expect(rows).toHaveLength(1);
  });

  test('is refused with another body, and is another caller’s own', async () => {
    const name = `t-${randomUUID()}`;
    await register(name);
    const key = { owner: 'me', key: randomUUID(), bodySha256: hash('a') };
    const first = await enterDeploymentOnce(db.control, key, wanted(name), TESTER);
    expect(first?.replayed).toBe(false);
    expect(await enterDeploymentOnce(db.control, key, wanted(name), TESTER)).toMatchObject({
      replayed: true,
      deployment: { id: first?.deployment.id },
    });
    await expect(
      enterDeploymentOnce(db.control, { ...key, bodySha256: hash('b') }, wanted(name), TESTER),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    const other = await enterDeploymentOnce(db.control, { ...key, owner: 'you' }, wanted(name), TESTER);
    expect(other?.replayed).toBe(false);
    expect(await enterDeploymentOnce(db.control, { ...key, key: 'new' }, wanted('no-such'), TESTER)).toBeNull();
  });
});

describe('keys', () => {
  test('are stored by their hash alone, used, listed and revoked', async () => {
    expect(await hasAdminKey(db.control)).toBe(false);
    const wanted = { name: 'ci', role: 'admin', labels: { env: 'x' }, expiresAt: null } as const;
    const { apiKey, key } = await createKey(db.control, wanted, TESTER);
    expect(key).toMatch(/^pgm_[A-Za-z0-9_-]{43}$/);
    expect(await hasAdminKey(db.control)).toBe(true);
    const dump = await db.database.query('SELECT to_jsonb(k)::text AS row FROM control_plane.api_keys k');
    expect(JSON.stringify(dump)).not.toContain(key);
    await noteKeyUse(db.control, apiKey.id);
    expect((await findKeyByHash(db.control, hashKey(key)))?.lastUsedAt).not.toBeNull();
    expect((await revokeKey(db.control, apiKey.id, TESTER))?.revokedAt).not.toBeNull();
    expect((await revokeKey(db.control, apiKey.id, TESTER))?.revokedAt).not.toBeNull();
    expect(await revokeKey(db.control, randomUUID(), TESTER)).toBeNull();
    expect(await hasAdminKey(db.control)).toBe(false);
    expect(await enterKey(db.control, key, 'again', TESTER)).toBe(false);
    expect((await listKeys(db.control)).map((k) => k.name)).toContain('ci');
  });
});

test('a bundle with the very bytes of another shares them, and what is stored runs', async () => {
  const target = await createTestDatabase(server);
  onTestFinished(() => target.drop());
  const more = bundleFromFiles([
    { path: 'deployment/00000-a.sql', content: 'SELECT 1;' },
    { path: 'deployment/00001-b.sql', content: 'CREATE TABLE b (id integer);' },
  ]);
  await storeBundle(db.control, more, [], TESTER);
  const { loadBundle } = await import('../src/index.ts');
  const loaded = await loadBundle(db.control, more.digest);
  if (loaded === null) throw new Error('not stored');
  const report = await deploy({
    connection: target.connection,
    bundle: loaded,
    mode: 'deployment',
    reportLedger: true,
  });
  expect(report).toMatchObject({
    status: 'succeeded',
    ledger: { files: [{ path: 'deployment/00000-a.sql' }, { path: 'deployment/00001-b.sql' }] },
  });
  const [row] = await db.database.query<{ count: string }>(
    'SELECT count(*) FROM control_plane.file_contents c JOIN control_plane.bundle_files f USING (sha256) WHERE f.path = $1',
    ['deployment/00000-a.sql'],
  );
  expect(Number(row?.count)).toBe(2);
  expect(await loadBundle(db.control, '0'.repeat(64))).toBeNull();
});
