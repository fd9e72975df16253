import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createControlDatabase,
  plainDeployment,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import {
  type Deployment,
  enterDeployment,
  enterDeployments,
  type Entry,
  putTarget,
  removeTarget,
  storeBundle,
} from '../src/index.ts';

const RACES = 200;

describeEachServer('a deployment that meets the removal of its target', (server) => {
  let db: TestControlDatabase;
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeAll(async () => {
    db = await createControlDatabase(server);
    await storeBundle(db.control, bundle, [], TESTER);
  });
  afterAll(() => db.drop());

  async function newTarget(): Promise<string> {
    const name = `target-${randomUUID()}`;
    await putTarget(db.control, { name, labels: {}, dsn: { kind: 'environment', variable: 'X' } }, {}, TESTER);
    return name;
  }

  function wantedOn(target: string): Entry['wanted'] {
    return plainDeployment(target, bundle.digest);
  }

  const enter = (target: string): Promise<Deployment | null> =>
    enterDeployment(db.control.pool, wantedOn(target), TESTER);

  /** Unfinished deployments of targets that are no longer there. */
  async function orphans(): Promise<number> {
    const [row] = await db.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM control_plane.deployments d JOIN control_plane.targets t ON t.id = d.target_id
       WHERE t.removed_at IS NOT NULL AND d.status IN ('scheduled', 'queued', 'running', 'cancelling')`,
    );
    return row?.n ?? 0;
  }

  test(`is not entered, or the removal is refused: ${RACES} races`, async () => {
    const seen = { entered: 0, removed: 0 };
    for (let i = 0; i < RACES; i++) {
      const target = await newTarget();
      const lead = Math.random() * 3;
      const [deployment, removed] = await Promise.all([
        pause(lead > 1.5 ? lead - 1.5 : 0).then(() => enter(target)),
        pause(lead < 1.5 ? lead : 0)
          .then(() => removeTarget(db.control, target, {}, TESTER))
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'target_in_use' });
            return false;
          }),
      ]);
      expect(deployment === null, `race ${i}`).toBe(removed);
      if (removed) seen.removed++;
      else seen.entered++;
    }
    expect(await orphans()).toBe(0);
    expect(seen.entered + seen.removed).toBe(RACES);
  }, 60_000);

  test('is not entered when it was looked for before the removal, and comes to its lock after it', async () => {
    const [held, removed] = [await newTarget(), await newTarget()];
    const holder = await db.control.pool.connect();
    // The statement that enters both has begun, and waits here at the first of them.
    await holder.query('BEGIN');
    await holder.query('SELECT FROM control_plane.targets WHERE name = $1 FOR UPDATE', [held]);
    const entering = enterDeployments(
      db.control.pool,
      [held, removed].map((target) => ({ wanted: wantedOn(target), actor: TESTER })),
    );
    await untilOneWaits();
    expect(await removeTarget(db.control, removed, {}, TESTER)).toBe(true);
    await holder.query('COMMIT');
    holder.release();
    expect((await entering).map((deployment) => deployment?.target)).toEqual([held, undefined]);
    expect(await orphans()).toBe(0);
  });

  async function untilOneWaits(): Promise<void> {
    for (;;) {
      const rows = await db.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rows.length > 0) return;
      await pause(10);
    }
  }
});
