import { randomUUID } from 'node:crypto';
import { abandonExpired, claimDeployment, findEventsOf, requestCancel } from '@postgres-manager/control-plane';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import { startCluster } from '../../../test-support/postgres-cluster.ts';
import { startTestRedis } from '../../../test-support/redis.ts';
import { anyServer } from '../../../test-support/servers.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import { eventually, openStage, type Stage } from './support/stage.ts';
import { environmentOf, startProgram, startQuickProcess } from './support/worker-process.ts';

const APPLIED_ONCE = [{ file: 'a' }, { file: 'b' }, { file: 'c' }];

/** Three files that note each time they are run; the second one goes on until it is let go. */
const FILES = {
  'deployment/00000-a.sql': `INSERT INTO runs VALUES ('a');`,
  'deployment/00001-b.sql': `INSERT INTO runs VALUES ('b');
    DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$;`,
  'deployment/00002-c.sql': `INSERT INTO runs VALUES ('c');`,
};

describe('when something is killed, stopped or emptied midway', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
    onTestFinished(() => stage.close());
  });

  /** A deployment that stands in the middle of its second file. */
  async function halfway(): Promise<{ id: string; name: string; database: TestDatabase; bundle: string }> {
    const { name, database } = await stage.target();
    await database.query('CREATE TABLE runs (file text); CREATE TABLE gate ();');
    const bundle = await stage.bundle(FILES);
    const id = await stage.deploy(name, bundle);
    await stage.until(id, ({ steps }) => steps[1]?.status === 'running');
    return { id, name, database, bundle };
  }

  async function expectEachOnce(id: string, database: TestDatabase): Promise<void> {
    const detail = await stage.final(id);
    expect(detail).toMatchObject({
      status: 'succeeded',
      summary: { result: 'succeeded', applied: Object.keys(FILES), skipped: 0 },
      steps: [{ status: 'applied' }, { status: 'applied' }, { status: 'applied' }],
    });
    expect(await database.query('SELECT file FROM runs ORDER BY file')).toEqual(APPLIED_ONCE);
    const events = await stage.events(id);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
  }

  const open = (database: TestDatabase) => database.query('INSERT INTO gate DEFAULT VALUES');

  test('a worker that is closed hands back what it holds, and another carries on', async () => {
    const first = await stage.worker();
    const { id, database } = await halfway();
    await first.close({ graceMs: 100 });
    expect(await stage.detail(id)).toMatchObject({
      status: 'queued',
      steps: [{ status: 'applied' }, { status: 'planned' }, { status: 'planned' }],
      attempts: [{ outcome: 'handed_back' }],
    });
    await open(database);
    await stage.worker();
    await expectEachOnce(id, database);
    expect((await stage.detail(id)).attempts).toMatchObject([{ outcome: 'handed_back' }, { outcome: 'succeeded' }]);
  });

  test('a worker that is closed lets finish what ends within its grace', async () => {
    const first = await stage.worker();
    const { id, database } = await halfway();
    const closed = first.close({ graceMs: 20_000 });
    await open(database);
    await closed;
    expect((await stage.detail(id)).status).toBe('succeeded');
    await expectEachOnce(id, database);
  });

  test('the program stops on SIGTERM within its grace, and another worker carries on', async () => {
    const program = startProgram({ ...environmentOf(stage), SHUTDOWN_GRACE_SECONDS: '0' });
    await program.said('Worker started.');
    const { id, database } = await halfway();
    await stage.worker();
    program.signal('SIGTERM');
    expect(await program.exited).toBe(0);
    await open(database);
    await expectEachOnce(id, database);
    expect(program.output()).toContain('"status":"handed_back"');
  });

  test('a worker that is killed is missed, and another carries on', async () => {
    const killed = await startQuickProcess(stage);
    const { id, database } = await halfway();
    await stage.worker();
    killed.signal('SIGKILL');
    await stage.until(id, ({ attempts }) => attempts[0]?.outcome === 'lost');
    await open(database);
    await expectEachOnce(id, database);
  });

  test('a worker that stood still is ended on the target, and writes nothing late', async () => {
    const frozen = await startQuickProcess(stage);
    const { id, database } = await halfway();
    frozen.signal('SIGSTOP');
    await stage.worker();
    await stage.until(id, ({ attempts, steps }) => attempts.length === 2 && steps[1]?.status === 'running');
    await open(database);
    await expectEachOnce(id, database);
    const before = [await stage.detail(id), await stage.events(id)];
    expect((await stage.events(id)).map(({ type }) => type)).toContain('evicted');
    frozen.signal('SIGCONT');
    await frozen.said('"status":"lost"');
    expect([await stage.detail(id), await stage.events(id)]).toEqual(before);
    expect(await database.query('SELECT file FROM runs ORDER BY file')).toEqual(APPLIED_ONCE);
  });

  test('what a lost worker had under way is not called untouched when nobody can look', async () => {
    const killed = await startQuickProcess(stage);
    const { id, name, database } = await halfway();
    killed.signal('SIGKILL');
    await stage.register(name, database.dsn.replace(/\/[^/]+$/, '/nowhere'));
    await stage.worker();
    const ended = await stage.final(id);
    expect(ended.status).toBe('needs_attention');
    // The first may be known to be applied, or not yet: both were sent together.
    expect(ended.steps.map(({ status }) => status).slice(1)).toEqual(['needs_attention', 'not_started']);
    expect(['applied', 'needs_attention']).toContain(ended.steps[0]?.status);
    expect(ended.failure?.hint).toContain(`postgres-manager retry ${id}`);
    await open(database);
    await stage.register(name, database.dsn);
    const again = await stage.final(await stage.deploy(name, ended.bundle, { retryOf: id }));
    expect(again).toMatchObject({ status: 'succeeded' });
    expect(await database.query('SELECT file FROM runs ORDER BY file')).toEqual(APPLIED_ONCE);
  });

  test('what a lost worker had is cancelled only when its run has left the target', async () => {
    const frozen = await startQuickProcess(stage);
    const { id, database } = await halfway();
    frozen.signal('SIGSTOP');
    await requestCancel(stage.db.control, id, TESTER);
    await stage.worker();
    const detail = await stage.final(id);
    expect(detail).toMatchObject({
      status: 'cancelled',
      summary: { applied: ['deployment/00000-a.sql'] },
      steps: [{ status: 'applied' }, { status: 'not_started' }, { status: 'not_started' }],
    });
    expect(
      await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'postgres-manager %'`,
      ),
    ).toEqual([]);
    expect(await database.query('SELECT file FROM runs')).toEqual([{ file: 'a' }]);
  });

  test('a Redis that is emptied stops no run and loses no deployment', async () => {
    await stage.worker({ timing: { ...stage.config().timing, jobLockMs: 600 } });
    const { id, name, database, bundle } = await halfway();
    const queued = await stage.deploy(name, bundle);
    const { Redis } = await import('ioredis');
    const redis = new Redis(stage.redis.url);
    onTestFinished(() => redis.disconnect());
    await redis.flushall();
    // Its job's lock is found to be gone meanwhile.
    const lease = 'SELECT lease_expires_at AS at FROM control_plane.deployments WHERE id = $1';
    const [before] = await stage.db.database.query<{ at: Date }>(lease, [id]);
    await eventually(
      () => stage.db.database.query<{ at: Date }>(lease, [id]),
      ([row]) => (row?.at.getTime() ?? 0) > (before?.at.getTime() ?? 0) + 1500,
    );
    await open(database);
    await expectEachOnce(id, database);
    expect((await stage.detail(id)).attempts).toHaveLength(1);
    expect(await stage.final(queued)).toMatchObject({ status: 'succeeded', summary: { result: 'nothing_to_do' } });
  });

  test('a Redis that is away for a while stops no run, and what came meanwhile is begun when it is back', async () => {
    await stage.worker();
    const { id, database } = await halfway();
    await stage.redis.kill();
    await open(database);
    await expectEachOnce(id, database);
    const other = await stage.target();
    const waiting = await stage.deploy(other.name, await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' }));
    const again = await startTestRedis(stage.redis.port);
    onTestFinished(() => again.stop());
    expect(await stage.final(waiting)).toMatchObject({ status: 'succeeded' });
  });

  test('a worker that is killed leaves a cancel to be settled by another', async () => {
    const killed = await startQuickProcess(stage);
    const { id } = await halfway();
    killed.signal('SIGKILL');
    await stage.until(id, ({ status }) => status === 'running');
    await requestCancel(stage.db.control, id, TESTER);
    await stage.worker();
    expect(await stage.final(id)).toMatchObject({
      status: 'cancelled',
      summary: { applied: ['deployment/00000-a.sql'] },
    });
  });
});

test('a control database that restarts midway costs no deployment', async () => {
  const { binDirectory } = anyServer();
  if (binDirectory === null) return;
  const cluster = await startCluster('control', binDirectory);
  onTestFinished(() => cluster.remove());
  const stage = await openStage(cluster.server);
  onTestFinished(() => stage.close());
  await stage.worker();
  const { name, database } = await stage.target();
  await database.query('CREATE TABLE runs (file text); CREATE TABLE gate ();');
  const id = await stage.deploy(name, await stage.bundle(FILES));
  await stage.until(id, ({ steps }) => steps[1]?.status === 'running');
  await cluster.kill();
  await database.query('INSERT INTO gate DEFAULT VALUES');
  await eventually(
    () => database.query('SELECT file FROM runs ORDER BY file'),
    (rows) => rows.length === 3,
  );
  await cluster.startAgain();
  const detail = await eventually(
    () => stage.detail(id).catch(() => null),
    (seen) => seen?.status === 'succeeded',
  );
  expect(detail).toMatchObject({ summary: { applied: Object.keys(FILES) }, attempts: [{ outcome: 'succeeded' }] });
  expect(await database.query('SELECT file FROM runs ORDER BY file')).toEqual(APPLIED_ONCE);
  const events = await findEventsOf(stage.db.control, [{ deploymentId: id, after: 0 }], 1000);
  expect(events.filter(({ type }) => type === 'step_finished')).toHaveLength(3);
});

test('a deployment that ends every worker that runs it is left to a person', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const { name } = await stage.target();
  const id = await stage.deploy(name, await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' }));
  for (let i = 0; i < 2; i++) {
    await claimDeployment(stage.db.control, id, randomUUID(), 0);
    await abandonExpired(stage.db.control, 10);
  }
  await stage.worker({ maxTries: 2 });
  expect(await stage.final(id)).toMatchObject({ status: 'needs_attention', failure: { code: 'outcome_unknown' } });
});
