import { randomUUID } from 'node:crypto';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  createControlDatabase,
  randomEncryptionKey,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import { silentBell } from '../../../test-support/silent-bell.ts';
import {
  claimDeployment,
  enterRollout,
  findRolloutDetail,
  findRolloutEvents,
  findRolloutsToMove,
  findSelectedTargets,
  finishDeployment,
  moveRollout,
  type NewRollout,
  NO_PROGRESS,
  planWaves,
  putTarget,
  readKeyring,
  RolloutMover,
  sealSecret,
  steerRollout,
  type WaveSelection,
} from '../src/index.ts';
import { inTransaction } from '../src/database/control-database.ts';
import { carryOn, lockRollout } from '../src/rollouts/transitions/carry-on.ts';
import { storeBundle } from '../src/bundles/store-bundle.ts';

describeEachServer('a rollout in the control database', (server) => {
  let db: TestControlDatabase;
  const worker = randomUUID();
  const keyring = readKeyring(randomEncryptionKey(), null);
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeAll(async () => {
    db = await createControlDatabase(server);
    await storeBundle(db.control, bundle, [], TESTER);
  });
  afterAll(() => db.drop());

  /** So many targets on so many servers, under a label of their own. */
  async function fleet(count: number, servers = 1): Promise<string> {
    const label = randomUUID();
    const secret = sealSecret('postgres://u:p@h/d', 'any', keyring);
    const shown = { host: 'h0', port: 5432, database: 'd', user: 'u', tls: 'disable' as const };
    const first = `t-${label}-0`;
    await putTarget(
      db.control,
      { name: first, labels: { fleet: label }, dsn: { kind: 'sealed', secret, shown } },
      {},
      TESTER,
    );
    await db.control.pool.query(
      `INSERT INTO control_plane.targets (name, labels, secret, secret_key_id, host, port, database_name, user_name, tls)
       SELECT 't-' || $2 || '-' || n, labels, secret, secret_key_id, 'h' || n % $3, port, database_name, user_name, tls
       FROM control_plane.targets, generate_series(1, $4) n WHERE name = $1`,
      [first, label, servers, count - 1],
    );
    return label;
  }

  async function enter(
    label: string,
    changes: Partial<NewRollout> = {},
    waves: WaveSelection[] = ['rest'],
  ): Promise<string> {
    const targets = await findSelectedTargets(db.control, { fleet: label }, {});
    const entered = await enterRollout(
      db.control,
      {
        mode: 'deployment',
        bundleDigest: bundle.digest,
        dryRun: false,
        priority: 0,
        request: { selector: { fleet: label }, waves, failureBudget: { count: 0 } },
        waves: planWaves(targets, waves).waves,
        maxParallel: 20,
        maxParallelPerServer: 500,
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
    return entered.id;
  }

  interface Started {
    readonly id: string;
    readonly server: string;
  }

  async function started(rollout: string): Promise<Started[]> {
    const { rows } = await db.control.pool.query<Started>(
      `SELECT deployment_id AS id, server FROM control_plane.rollout_targets WHERE rollout_id = $1 AND state = 'started'
       ORDER BY position`,
      [rollout],
    );
    return rows;
  }

  async function end(deployment: string, status: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
    const claim = await claimDeployment(db.control, deployment, worker, 60_000);
    if (claim === null) throw new Error(`Not to be had: ${deployment}`);
    const failure =
      status === 'failed'
        ? {
            file: 'f',
            line: 1,
            column: 1,
            sourceLine: null,
            sqlstate: '42P01',
            code: 'sql_error' as const,
            message: 'm',
            hint: '',
          }
        : null;
    const ending = { status, summary: null, failure, lockWaitMs: 0, progress: NO_PROGRESS, seen: null };
    await finishDeployment(db.control, { id: deployment, epoch: claim.epoch }, ending);
  }

  const statusOf = async (id: string): Promise<string | undefined> =>
    (await findRolloutDetail(db.control, id, {}))?.status;

  test('goes on to its end also where each move is rested after', async () => {
    const id = await enter(await fleet(40), { maxParallel: 4 });
    const errors: unknown[] = [];
    const told: (readonly string[])[] = [];
    const mover = new RolloutMover(
      db.control,
      silentBell((change) => told.push(change.deploymentIds)),
      {
        error: (error) => errors.push(error),
        redisError: (message) => errors.push(message),
      },
    );
    const ended = new Set<string>();
    await vi.waitFor(
      async () => {
        for (const one of await started(id)) {
          if (ended.has(one.id)) continue;
          ended.add(one.id);
          await end(one.id);
          mover.move(id, 60_000);
        }
        expect(await statusOf(id)).toBe('succeeded');
      },
      { timeout: 20_000, interval: 1 },
    );
    await mover.settled();
    expect([ended.size, errors]).toEqual([40, []]);
    // The first four were started with the rollout; each of the others is told of once, by the move that started it.
    const others = [...ended].slice(4);
    expect(told.flat().toSorted()).toEqual(others.toSorted());
  });

  test('that many move at the same moment moves once: no target is started twice, no number is off', async () => {
    const id = await enter(await fleet(12), { maxParallel: 4 });
    for (;;) {
      const running = await started(id);
      if (running.length === 0) break;
      expect(running.length).toBeLessThanOrEqual(4);
      await Promise.all(running.slice(0, 3).map((one) => end(one.id)));
      await Promise.all(Array.from({ length: 8 }, () => moveRollout(db.control, id)));
    }
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      status: 'succeeded',
      counts: { pending: 0, started: 0, succeeded: 12 },
      waves: [{ total: 12, counts: { succeeded: 12 } }],
    });
    const { rows } = await db.control.pool.query(
      'SELECT count(*)::int AS made FROM control_plane.deployments WHERE rollout_id = $1',
      [id],
    );
    expect(rows).toEqual([{ made: 12 }]);
    const events = await findRolloutEvents(db.control, [{ rolloutId: id, after: 0 }], 1000);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter(({ type }) => type === 'target_finished')).toHaveLength(12);
    // Still: moved again, it says nothing new.
    expect(await moveRollout(db.control, id)).toMatchObject({ started: [], changed: false });
  });

  test('whose move was lost with its process is found, and only then', async () => {
    const id = await enter(await fleet(3), { maxParallel: 1 });
    expect(await findRolloutsToMove(db.control, 100)).not.toContain(id);
    await end((await started(id))[0]?.id ?? '');
    expect(await findRolloutsToMove(db.control, 100)).toContain(id);
    await moveRollout(db.control, id);
    expect(await findRolloutsToMove(db.control, 100)).not.toContain(id);
    expect(await started(id)).toHaveLength(1);
  });

  test('keeps its caps for all and for each server, and takes the servers in turn', async () => {
    const id = await enter(await fleet(24, 3), { maxParallel: 7, maxParallelPerServer: 3 });
    for (let ended = 0; ended < 24; ) {
      const running = await started(id);
      const sizes = [0, 1, 2].map((n) => running.filter(({ server }) => server === `h${n}:5432`).length);
      expect(running.length).toBeLessThanOrEqual(7);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
      if (ended === 0) expect(sizes.sort((a, b) => a - b)).toEqual([2, 2, 3]);
      const [first] = running;
      await end(first?.id ?? '');
      ended++;
      await moveRollout(db.control, id);
    }
    expect(await statusOf(id)).toBe('succeeded');
  });

  test('stops past its budget, and a resume goes on with what is unfinished, and no more', async () => {
    const id = await enter(await fleet(6), { maxParallel: 3 });
    const [first, second, third] = await started(id);
    await end(first?.id ?? '', 'failed');
    await moveRollout(db.control, id);
    expect(await statusOf(id)).toBe('stopping');
    expect(await started(id)).toHaveLength(2);
    await end(second?.id ?? '');
    await end(third?.id ?? '', 'failed');
    await moveRollout(db.control, id);
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      status: 'stopped',
      failures: 2,
      failed: [{ count: 2 }],
    });
    await steerRollout(db.control, id, { action: 'resume', bundle: null, retryFailed: false }, TESTER);
    expect(await started(id)).toHaveLength(3);
    for (const { id: deployment } of await started(id)) await end(deployment);
    await moveRollout(db.control, id);
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      status: 'failed',
      counts: { succeeded: 4, failed: 2 },
    });
    await steerRollout(db.control, id, { action: 'resume', bundle: null, retryFailed: true }, TESTER);
    for (const { id: deployment } of await started(id)) await end(deployment);
    await moveRollout(db.control, id);
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      status: 'succeeded',
      counts: { succeeded: 6, failed: 0 },
    });
  });

  test('leaves out a target that was removed before its turn, and says so', async () => {
    const label = await fleet(3);
    const id = await enter(label, { maxParallel: 1 });
    await db.control.pool.query(`UPDATE control_plane.targets SET removed_at = now() WHERE name = $1`, [
      `t-${label}-1`,
    ]);
    await end((await started(id))[0]?.id ?? '');
    await moveRollout(db.control, id);
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      counts: { succeeded: 1, skipped: 1, started: 1 },
    });
    await end((await started(id))[0]?.id ?? '');
    await moveRollout(db.control, id);
    expect(await statusOf(id)).toBe('succeeded');
  });

  test('tells of the end of a wave also when its last target is left out', async () => {
    const label = await fleet(3);
    const id = await enter(label, { between: { kind: 'manual' } }, [{ count: 2 }, 'rest']);
    await steerRollout(db.control, id, { action: 'pause', reason: null }, TESTER);
    const [first, second] = await started(id);
    await end(first?.id ?? '');
    await end(second?.id ?? '', 'failed');
    await moveRollout(db.control, id);
    await steerRollout(db.control, id, { action: 'skip', targets: [`t-${label}-2`], reason: 'gone' }, TESTER);
    // Nothing is left to be resumed: it has come to its end.
    expect(await statusOf(id)).toBe('failed');
    const events = await findRolloutEvents(db.control, [{ rolloutId: id, after: 0 }], 100);
    const waves = events.filter(({ type }) => type === 'wave_finished').map(({ data }) => data['wave']);
    expect(waves).toEqual([1, 2]);
  });

  test('waits for its time without anybody looking, and is found when it has come', async () => {
    const soon = new Date(Date.now() + 400).toISOString();
    const id = await enter(await fleet(1), { notBefore: soon });
    expect(await findRolloutDetail(db.control, id, {})).toMatchObject({
      status: 'scheduled',
      waitingFor: { kind: 'time', until: soon },
      waiting: [{ waitingFor: { kind: 'time' }, count: 1 }],
    });
    expect(await findRolloutsToMove(db.control, 100)).not.toContain(id);
    while (!(await findRolloutsToMove(db.control, 100)).includes(id))
      expect(Date.now()).toBeLessThan(Date.parse(soon) + 5000);
    await moveRollout(db.control, id);
    expect(await statusOf(id)).toBe('running');
  });

  test('goes on in a process that is older than a column of its tables', async () => {
    const id = await enter(await fleet(3), { maxParallel: 1 });
    await findRolloutEvents(db.control, [{ rolloutId: id, after: 0 }], 10);
    await end((await started(id))[0]?.id ?? '');
    await moveRollout(db.control, id);
    for (const table of [
      'rollouts',
      'rollout_waves',
      'rollout_targets',
      'rollout_servers',
      'rollout_events',
      'freezes',
    ]) {
      await db.control.pool.query(`ALTER TABLE control_plane.${table} ADD COLUMN later text`);
    }
    for (let left = 2; left > 0; left--) {
      await end((await started(id))[0]?.id ?? '');
      await moveRollout(db.control, id);
    }
    expect(await statusOf(id)).toBe('succeeded');
    expect(await findRolloutEvents(db.control, [{ rolloutId: id, after: 0 }], 100)).toHaveLength(11);
  });

  test('moves with the same statements, and reads as much, for thirty targets as for three thousand', async () => {
    const cost = async (targets: number): Promise<{ statements: number; read: number }> => {
      const id = await enter(await fleet(targets, 10), { maxParallelPerServer: 5 }, [{ count: 10 }, 'rest']);
      for (const { id: deployment } of await started(id)) await end(deployment);
      await moveRollout(db.control, id);
      await db.control.pool.query(
        'ANALYZE control_plane.rollout_targets, control_plane.rollout_servers, control_plane.targets',
      );
      const [first] = await started(id);
      await end(first?.id ?? '');
      return inTransaction(db.control, async (transaction) => {
        let statements = 0;
        const counting = {
          query: (...given: unknown[]) => {
            statements++;
            return (transaction.query as (...all: unknown[]) => unknown)(...given);
          },
        } as unknown as typeof transaction;
        const reads = async (): Promise<number> => {
          const { rows } = await transaction.query<{ read: string }>(
            `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) AS read FROM pg_stat_xact_user_tables
             WHERE schemaname = 'control_plane'`,
          );
          return Number(rows[0]?.read ?? 0);
        };
        const before = await reads();
        const row = await lockRollout(counting, id);
        if (row === null) throw new Error('no rollout');
        expect((await carryOn(counting, row)).started).toHaveLength(1);
        return { statements, read: (await reads()) - before };
      });
    };
    const small = await cost(60);
    const large = await cost(3000);
    expect(large.statements).toBe(small.statements);
    expect(large.statements).toBeLessThanOrEqual(6);
    expect(large.read).toBeLessThanOrEqual(small.read + 20);
  });
});
