import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlDatabase, type TestControlDatabase } from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { silentBell } from '../../../test-support/silent-bell.ts';
import { type ControlDatabase, claimDeployment, reconcile } from '../src/index.ts';

const FINISHED = 100_000;
const TARGETS = 500;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** A control database whose statements are explained as they are sent. */
interface Explained {
  readonly control: ControlDatabase;
  /** Nodes and buffers of all statements so far. */
  readonly cost: () => Promise<{ buffers: number; scans: string[] }>;
}

function explained(db: TestControlDatabase): Explained {
  const sent: { text: string; values: unknown[] }[] = [];
  const query = (text: string | { text: string; values: unknown[] }, values: unknown[] = []) => {
    sent.push(typeof text === 'string' ? { text, values } : { text: text.text, values: text.values });
    return typeof text === 'string' ? db.control.pool.query(text, values) : db.control.pool.query(text);
  };
  return {
    control: { pool: { query } as unknown as ControlDatabase['pool'] },
    cost: async () => {
      const plans = await Promise.all(
        sent.map(async ({ text, values }) => {
          const { rows } = await db.control.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
            `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
            values,
          );
          return rows[0]?.['QUERY PLAN'][0].Plan as Plan;
        }),
      );
      const buffers = plans.reduce((sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);
      return { buffers, scans: plans.flatMap(scansOf) };
    },
  };
}

describe('what a worker asks while nothing is to do', () => {
  let db: TestControlDatabase;
  let targetId: string;

  beforeAll(async () => {
    db = await createControlDatabase(anyServer());
    targetId = await fill();
  });
  afterAll(() => db.drop());

  /** A long history over many targets; nothing of it is unfinished. */
  async function fill(): Promise<string> {
    const { database } = db;
    await database.query(`INSERT INTO control_plane.bundles VALUES ('d', '[]', 0, 0, now(), 'tester')`);
    await database.query(
      `INSERT INTO control_plane.targets (name, dsn_env) SELECT 'target-' || i, 'X' FROM generate_series(1, $1) i`,
      [TARGETS],
    );
    await database.query(
      `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, epoch, created_by,
         created_at, started_at, finished_at)
       SELECT t.id, t.name, 'deployment', 'd', (ARRAY['succeeded', 'failed', 'cancelled', 'needs_attention'])[1 + i % 4],
         1, 'tester', now() - i * interval '1 second', now(), now()
       FROM generate_series(1, $1) i JOIN control_plane.targets t ON t.name = 'target-' || (1 + i % ${TARGETS - 1})`,
      [FINISHED],
    );
    await database.query('VACUUM (ANALYZE) control_plane.deployments');
    // One that nothing was ever deployed to: the longest search there is.
    const rows = await database.query<{ id: string }>(
      `SELECT id FROM control_plane.targets WHERE name = 'target-${TARGETS}'`,
    );
    return rows[0]?.id ?? '';
  }

  test('reads a handful of buffers, by index, however long the history is', async () => {
    const { control, cost } = explained(db);
    expect(await reconcile(control, silentBell())).toMatchObject({ queued: 0, abandoned: [], heads: 0 });
    const { buffers, scans } = await cost();
    expect(scans).not.toContain('Seq Scan on deployments');
    expect(buffers).toBeLessThan(20);
  });

  test('and a claim reads the history of its target alone', async () => {
    const [queued] = await db.database.query<{ id: string }>(
      `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by)
       SELECT id, name, 'deployment', 'd', 'queued', 'tester' FROM control_plane.targets WHERE id = $1 RETURNING id`,
      [targetId],
    );
    const { control, cost } = explained(db);
    const claim = await claimDeployment(control, queued?.id ?? '', randomUUID(), 10_000);
    expect(claim?.earlierRuns).toEqual([]);
    const set = 'UPDATE control_plane.deployments SET status = $2, worker_id = NULL WHERE id = $1';
    await db.database.query(set, [queued?.id, 'queued']);
    const { buffers, scans } = await cost();
    expect(scans.filter((scan) => scan.startsWith('Seq Scan on deployments'))).toEqual([]);
    // Beside what a claim writes, into a dozen indexes.
    expect(buffers).toBeLessThan(200);
    await db.database.query(set, [queued?.id, 'succeeded']);
  });

  test('and a crowd that waits for its time or its turn costs its own rows alone', async () => {
    const { database } = db;
    await database.query(
      `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, not_before, created_by)
       SELECT t.id, t.name, 'deployment', 'd', s.status, s.at, 'tester'
       FROM control_plane.targets t, generate_series(1, 20) i,
         (VALUES ('queued', NULL), ('scheduled', now() + interval '1 day')) AS s (status, at)`,
    );
    await database.query(
      `UPDATE control_plane.deployments d SET status = 'running', worker_id = $1, lease_expires_at = now() + interval '1 day'
       WHERE id IN (SELECT DISTINCT ON (target_id) id FROM control_plane.deployments WHERE status = 'queued'
                    ORDER BY target_id, seq)`,
      [randomUUID()],
    );
    await database.query('VACUUM (ANALYZE) control_plane.deployments');
    const { control, cost } = explained(db);
    expect(await reconcile(control, silentBell())).toMatchObject({ queued: 0, abandoned: [], heads: 0 });
    const { buffers, scans } = await cost();
    expect(scans).not.toContain('Seq Scan on deployments');
    // Of the 20,000 that wait: their own rows, not the 100,000 beside them.
    expect(buffers).toBeLessThan(5000);
  });
});

function scansOf(plan: Plan): string[] {
  const own = plan['Relation Name'] === undefined ? [] : [`${plan['Node Type']} on ${plan['Relation Name']}`];
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)];
}

describe('what a worker asks before the server has counted its tables', () => {
  const CROWD = 1000;
  let db: TestControlDatabase;

  beforeAll(async () => {
    db = await createControlDatabase(anyServer());
    await db.database.query('ALTER TABLE control_plane.deployments SET (autovacuum_enabled = off)');
    await db.database.query('ALTER TABLE control_plane.targets SET (autovacuum_enabled = off)');
    await db.database.query(`INSERT INTO control_plane.bundles VALUES ('d', '[]', 0, 0, now(), 'tester')`);
    await db.database.query(
      `INSERT INTO control_plane.targets (name, dsn_env) SELECT 'target-' || i, 'X' FROM generate_series(1, $1) i`,
      [CROWD],
    );
    await db.database.query(
      `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by)
       SELECT id, name, 'deployment', 'd', 'queued', 'tester' FROM control_plane.targets`,
    );
  });
  afterAll(() => db.drop());

  test('a crowd of heads is read row by row, and not each beside all others', async () => {
    const { control, cost } = explained(db);
    expect(await reconcile(control, silentBell())).toMatchObject({ heads: CROWD });
    const { buffers } = await cost();
    expect(buffers).toBeLessThan(20 * CROWD);
  });

  test('and a claim reads its own target, and not all of them', async () => {
    const [queued] = await db.database.query<{ id: string }>('SELECT id FROM control_plane.deployments LIMIT 1');
    const { control, cost } = explained(db);
    expect(await claimDeployment(control, queued?.id ?? '', randomUUID(), 10_000)).not.toBeNull();
    await db.database.query(`UPDATE control_plane.deployments SET status = 'queued', worker_id = NULL`);
    const { scans } = await cost();
    expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([]);
  });
});
