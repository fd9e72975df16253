import {
  enterRollout,
  findRolloutDetail,
  findSelectedTargets,
  type NewRollout,
  openRedis,
  planWaves,
  RolloutMover,
  steerRollout,
  type WaveSelection,
} from '@postgres-manager/control-plane';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import { eventually, openStage, type Stage } from './support/stage.ts';
import { startQuickProcess } from './support/worker-process.ts';

describe('a rollout carried out by workers', () => {
  let stage: Stage;
  let databases: Map<string, TestDatabase>;

  beforeEach(async () => {
    stage = await openStage();
    databases = new Map();
    onTestFinished(() => stage.close());
  });

  async function targets(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, i) => `t${String(i).padStart(2, '0')}`);
    for (const name of names) {
      const { database } = await stage.target({ name });
      await database.query('CREATE TABLE runs (file text)');
      databases.set(name, database);
    }
    return names;
  }

  async function roll(
    bundleDigest: string,
    names: readonly string[],
    changes: Partial<NewRollout> = {},
  ): Promise<string> {
    const control = stage.db.control;
    const waves: WaveSelection[] = [{ count: 1 }, 'rest'];
    const found = await findSelectedTargets(control, {}, {});
    const entered = await enterRollout(
      control,
      {
        mode: 'deployment',
        bundleDigest,
        dryRun: false,
        priority: 0,
        request: { selector: null, waves, failureBudget: { count: 0 } },
        waves: planWaves(
          found.filter(({ name }) => names.includes(name)),
          waves,
        ).waves,
        maxParallel: 3,
        maxParallelPerServer: 3,
        failureBudget: 0,
        between: { kind: 'auto' },
        notBefore: null,
        window: null,
        traceParent: null,
        ...changes,
      },
      TESTER,
      null,
    );
    // As the API does.
    const mover = new RolloutMover(control, stage.bell, { error: () => undefined, redisError: () => undefined });
    if (!entered.replayed) mover.moved(entered.id, entered.moved);
    await mover.settled();
    return entered.id;
  }

  const detail = (id: string) => findRolloutDetail(stage.db.control, id, {});
  const comes = (id: string, status: string, withinMs?: number) =>
    eventually(
      () => detail(id),
      (seen) => seen?.status === status,
      withinMs,
    );

  async function expectOnceEverywhere(names: readonly string[], files: readonly string[]): Promise<void> {
    for (const name of names) {
      expect(await databases.get(name)?.query('SELECT file FROM runs ORDER BY file'), name).toEqual(
        files.map((file) => ({ file })),
      );
    }
  }

  const NOTED = { 'deployment/00000-a.sql': `INSERT INTO runs VALUES ('a'); SELECT pg_sleep(0.2);` };

  test('goes on though workers are killed in its middle again and again, and runs each file once', async () => {
    const names = await targets(12);
    const id = await roll(await stage.bundle(NOTED), names);
    for (const least of [1, 3, 6]) {
      const doomed = await startQuickProcess(stage, { CONCURRENCY: '3' });
      await eventually(
        () => detail(id),
        (seen) => (seen?.counts.succeeded ?? 0) >= least,
        40_000,
      );
      doomed.signal('SIGKILL');
      await doomed.exited;
    }
    await stage.worker();
    expect(await comes(id, 'succeeded', 40_000)).toMatchObject({ counts: { succeeded: 12, started: 0, pending: 0 } });
    await expectOnceEverywhere(names, ['a']);
  }, 120_000);

  test('goes on when the worker that ended a target is killed before anybody moved the rollout', async () => {
    const names = await targets(3);
    const id = await roll(await stage.bundle(NOTED), names);
    const first = await stage.worker();
    await comes(id, 'running');
    await eventually(
      () => detail(id),
      (seen) => (seen?.counts.succeeded ?? 0) >= 1,
    );
    await first.close({ graceMs: 0 });
    // Whatever it left undone, with all of Redis gone besides.
    const redis = openRedis(stage.redis.url, () => undefined);
    await eventually(
      () => Promise.resolve(redis.status),
      (status) => status === 'ready',
    );
    await redis.flushall();
    redis.disconnect();
    await stage.worker();
    await comes(id, 'succeeded');
    await expectOnceEverywhere(names, ['a']);
  });

  test('two at once both go on, within their caps, and a single deployment keeps its place in the line', async () => {
    const names = await targets(6);
    const both = await stage.bundle({ ...NOTED, 'deployment/00001-b.sql': `INSERT INTO runs VALUES ('b');` });
    const slow = await roll(both, names, { maxParallel: 1 });
    const quick = await roll(both, names.slice(3));
    const single = await stage.deploy(names[0] ?? '', both);
    await stage.worker({ concurrency: 2 });
    const seen: number[] = [];
    await eventually(
      async () => {
        const [one, two] = await Promise.all([detail(slow), detail(quick)]);
        seen.push(one?.counts.started ?? 0);
        return one?.status === 'succeeded' && two?.status === 'succeeded';
      },
      (done) => done,
    );
    expect(Math.max(...seen)).toBeLessThanOrEqual(1);
    await stage.final(single);
    const order = await stage.db.control.pool.query<{ rollout_id: string | null }>(
      `SELECT rollout_id FROM control_plane.deployments WHERE target_name = $1 ORDER BY started_at`,
      [names[0]],
    );
    expect(order.rows.map((row) => row.rollout_id)).toEqual([slow, null]);
  });

  test('that is cancelled leaves no statement running, though its worker is killed meanwhile', async () => {
    const names = await targets(4);
    const id = await roll(await stage.bundle({ 'deployment/00000-a.sql': 'SELECT pg_sleep(60);' }), names, {
      waves: planWaves(await findSelectedTargets(stage.db.control, {}, {}), ['rest']).waves,
    });
    const doomed = await startQuickProcess(stage);
    const running = async (): Promise<number> => {
      const { rows } = await stage.db.control.pool.query(
        `SELECT FROM control_plane.deployments WHERE rollout_id = $1 AND status = 'running' AND EXISTS (
           SELECT FROM control_plane.steps s WHERE s.deployment_id = deployments.id AND s.status = 'running')`,
        [id],
      );
      return rows.length;
    };
    await eventually(running, (count) => count === 3);
    await steerRollout(stage.db.control, id, { action: 'cancel', reason: null }, TESTER);
    doomed.signal('SIGKILL');
    await doomed.exited;
    await stage.worker();
    expect(await comes(id, 'cancelled', 40_000)).toMatchObject({ counts: { cancelled: 4 } });
    for (const [, database] of databases) {
      const backends = await database.query(
        `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'pg_sleep.60' AND pid <> pg_backend_pid()`,
      );
      expect(backends).toEqual([]);
    }
  }, 90_000);
});
