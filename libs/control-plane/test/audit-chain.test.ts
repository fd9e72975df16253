import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { bundleFromFiles, deploy } from '@postgres-manager/sql-deploy';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createControlDatabase, TESTER, type TestControlDatabase } from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import {
  type ChainHead,
  type ControlDatabase,
  createKey,
  enterDeployment,
  listAudit,
  migrateControlDatabase,
  openControlDatabase,
  putTarget,
  removeTarget,
  requestCancel,
  storeBundle,
  verifyAudit,
} from '../src/index.ts';

const SCHEMA = new URL('../schema/deployment/', import.meta.url);
const ALL = { subjectType: null, subject: null, before: null, limit: 200 };

describeEachServer('the audit log', (server) => {
  let db: TestControlDatabase;
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeEach(async () => {
    db = await createControlDatabase(server);
    onTestFinished(() => db.drop());
  });

  const put = (name: string) =>
    putTarget(db.control, { name, labels: {}, dsn: { kind: 'environment', variable: 'X' } }, {}, TESTER);

  async function enter(target: string): Promise<string> {
    const wanted = { target, allowedLabels: {}, mode: 'deployment', bundleDigest: bundle.digest } as const;
    const rest = { dryRun: false, onError: 'stop', notBefore: null, retryOf: null, traceParent: null } as const;
    return (await enterDeployment(db.control.pool, { ...wanted, ...rest, priority: 0 }, TESTER))?.id ?? randomUUID();
  }

  /** Rows as any program writes them: many in one statement, with values of every kind. */
  const write = (count: number) =>
    db.database.query(
      `INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
       SELECT 'änna "x" ' || i, CASE WHEN i % 2 = 0 THEN gen_random_uuid() END, CASE WHEN i % 3 = 0 THEN '' END, 'test.row',
         'target', E'a\\nb', jsonb_build_object('b', i, 'aa', ARRAY[1.50, 2e3], 'ü', '☃') FROM generate_series(1, $1::int) i`,
      [count],
    );

  /** Does what only someone can who may take the triggers away. */
  async function asSuperuser(sql: string): Promise<void> {
    await db.database.query('ALTER TABLE control_plane.audit_log DISABLE TRIGGER ALL');
    await db.database.query(sql);
    await db.database.query('ALTER TABLE control_plane.audit_log ENABLE TRIGGER ALL');
  }

  const verify = (head: ChainHead | null = null) => verifyAudit(db.control, head);

  test('is in order when it is empty, and over several pages', async () => {
    expect(await verify()).toEqual({ intact: true, rows: 0, head: null, firstFault: null });
    await write(2500);
    const verdict = await verify();
    expect(verdict).toMatchObject({ intact: true, rows: 2500, head: { seq: '2500' }, firstFault: null });
    const [newest] = await listAudit(db.control, ALL);
    expect({ seq: newest?.seq, hash: newest?.hash }).toEqual(verdict.head);
  });

  test('is one unbroken chain of 50 writers at once, of every kind of change, none of whom waits in a ring', async () => {
    await storeBundle(db.control, bundle, [], TESTER);
    await Promise.all(Array.from({ length: 5 }, (_, i) => put(`target-${i}`)));
    const kinds: ((i: number) => Promise<unknown>)[] = [
      (i) => put(`target-${i % 5}`),
      (i) => enter(`target-${i % 5}`),
      async (i) => requestCancel(db.control, await enter(`target-${i % 5}`), TESTER),
      (i) =>
        storeBundle(db.control, bundleFromFiles([{ path: `deployment/00000-${i % 7}.sql`, content: '' }]), [], TESTER),
      () => createKey(db.control, { name: 'k', role: 'viewer', labels: {}, expiresAt: null }, TESTER),
      (i) => removeTarget(db.control, `target-${i % 5}`, {}, TESTER).catch(() => false),
      (i) => put(`new-${i % 3}`),
    ];
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 50 }, async (_, i) => await kinds[i % kinds.length]?.(i + round)));
    }
    const [counted] = await db.database.query<{ n: number }>('SELECT count(*)::int AS n FROM control_plane.audit_log');
    expect(await verify()).toMatchObject({ intact: true, rows: counted?.n, firstFault: null });
    expect(counted?.n).toBeGreaterThan(120);
    const [stats] = await db.database.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(Number(stats?.deadlocks)).toBe(0);
  });

  test.each<[string, string, object]>([
    ['altered', `UPDATE control_plane.audit_log SET actor = 'nobody' WHERE seq = 4`, { kind: 'altered', seq: '4' }],
    [
      'altered in a number that reads alike',
      `UPDATE control_plane.audit_log SET detail = jsonb_set(detail, '{aa}', '[1.5, 2000]') WHERE seq = 4`,
      { kind: 'altered', seq: '4' },
    ],
    [
      'altered by moving text from one field to the next',
      `UPDATE control_plane.audit_log SET actor = actor || 'x', action = substr(action, 2) WHERE seq = 4`,
      { kind: 'altered', seq: '4' },
    ],
    ['removed', 'DELETE FROM control_plane.audit_log WHERE seq = 4', { kind: 'missing', seq: '4' }],
    ['removed at the beginning', 'DELETE FROM control_plane.audit_log WHERE seq = 1', { kind: 'missing', seq: '1' }],
    [
      'removed, and those behind it moved up',
      `DELETE FROM control_plane.audit_log WHERE seq = 4; UPDATE control_plane.audit_log SET seq = -seq WHERE seq > 4;
       UPDATE control_plane.audit_log SET seq = -seq - 1 WHERE seq < 0`,
      { kind: 'altered', seq: '4' },
    ],
    [
      'put in between',
      `UPDATE control_plane.audit_log SET seq = -seq WHERE seq > 3;
       UPDATE control_plane.audit_log SET seq = -seq + 1 WHERE seq < 0;
       INSERT INTO control_plane.audit_log (seq, hash, actor, action, subject_type, subject)
       SELECT 4, hash, 'x', 'x', 'x', 'x' FROM control_plane.audit_log WHERE seq = 3`,
      { kind: 'altered', seq: '4' },
    ],
    [
      'put at the end with a hash of its own',
      `INSERT INTO control_plane.audit_log (seq, hash, actor, action, subject_type, subject)
       VALUES (11, sha256('x'), 'x', 'x', 'x', 'x')`,
      { kind: 'altered', seq: '11' },
    ],
    [
      'exchanged with another',
      `UPDATE control_plane.audit_log SET seq = -seq WHERE seq IN (4, 5);
       UPDATE control_plane.audit_log SET seq = CASE seq WHEN -4 THEN 5 ELSE 4 END WHERE seq < 0`,
      { kind: 'altered', seq: '4' },
    ],
  ])('shows a row that was %s', async (_, sql, fault) => {
    await write(10);
    const before = await verify();
    await asSuperuser(sql);
    const verdict = await verify();
    expect(verdict).toMatchObject({ intact: false, firstFault: fault });
    expect(verdict.head?.seq ?? '0').toBe(String(Number(verdict.firstFault?.seq) - 1));
    expect(before.intact).toBe(true);
  });

  test('shows a tail that was cut off, or written anew, to whoever has noted an earlier head', async () => {
    await write(10);
    const { head } = await verify();
    await write(5);
    expect(await verify(head)).toMatchObject({ intact: true, rows: 15 });
    await asSuperuser('DELETE FROM control_plane.audit_log WHERE seq > 8');
    expect(await verify()).toMatchObject({ intact: true, rows: 8 });
    expect(await verify(head)).toMatchObject({ intact: false, firstFault: { kind: 'cut_off', seq: '9' } });
    await write(5);
    expect(await verify()).toMatchObject({ intact: true, rows: 13 });
    expect(await verify(head)).toMatchObject({ intact: false, firstFault: { kind: 'rewritten', seq: '10' } });
    await asSuperuser('DELETE FROM control_plane.audit_log');
    expect(await verify(head)).toMatchObject({ intact: false, rows: 0, head: null, firstFault: { kind: 'cut_off' } });
  });

  test('refuses an honest mistake: no row is changed or taken away', async () => {
    await write(3);
    for (const sql of [
      `UPDATE control_plane.audit_log SET actor = 'x'`,
      'DELETE FROM control_plane.audit_log WHERE seq = 2',
      'TRUNCATE control_plane.audit_log',
    ]) {
      await expect(db.database.query(sql)).rejects.toThrow('only grows');
    }
    expect(await verify()).toMatchObject({ intact: true, rows: 3 });
  });

  test('is chained by the upgrade where it has rows already', async () => {
    const database = await createTestDatabase(server);
    onTestFinished(() => database.drop());
    const [first] = readdirSync(SCHEMA).sort();
    const files = [{ path: `deployment/${first}`, content: readFileSync(new URL(first ?? '', SCHEMA), 'utf8') }];
    const report = await deploy({
      connection: database.connection,
      bundle: bundleFromFiles(files),
      mode: 'deployment',
    });
    expect(report.status).toBe('succeeded');
    await database.query(
      `INSERT INTO control_plane.audit_log (actor, action, subject_type, subject) SELECT 'a', 'b', 'c', i::text FROM generate_series(1, 20) i`,
    );
    await migrateControlDatabase(database.dsn, 5000);
    const control: ControlDatabase = openControlDatabase({
      dsn: database.dsn,
      maxConnections: 2,
      connectTimeoutMs: 5000,
      queryTimeoutMs: 10_000,
      applicationName: 'test',
      onError: () => undefined,
    });
    onTestFinished(() => control.pool.end());
    expect(await verifyAudit(control, null)).toMatchObject({ intact: true, rows: 20 });
    await putTarget(control, { name: randomUUID(), dsn: { kind: 'environment', variable: 'X' } }, {}, TESTER);
    expect(await verifyAudit(control, null)).toMatchObject({ intact: true, rows: 21 });
  });
});
