import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createControlDatabase, type TestControlDatabase } from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { findDeployment, findQueue, findQueueDepth } from '../src/index.ts';

let db: TestControlDatabase;
beforeAll(async () => {
  db = await createControlDatabase(anyServer());
  await db.database.query(`INSERT INTO control_plane.bundles (digest, problems, file_count, size_bytes, created_by)
    VALUES ('b', '[]', 1, 1, 'test')`);
  await db.database.query(`INSERT INTO control_plane.targets (name, labels, dsn_env)
    SELECT name, jsonb_build_object('env', CASE WHEN name = 'other' THEN 'other' ELSE 'live' END), 'X'
    FROM unnest(ARRAY['a', 'b', 'c', 'd', 'other']) name`);
});
beforeEach(async () => {
  await db.database.query('DELETE FROM control_plane.deployments');
  await db.database.query('DELETE FROM control_plane.freezes');
});
afterAll(() => db.drop());

/** Times are minutes before now. */
interface Row {
  target?: string;
  status: string;
  created: number;
  notBefore?: number;
  started?: number;
  finished?: number;
  priority?: number;
  waiting?: unknown;
  dryRun?: boolean;
}

async function deployment(row: Row): Promise<string> {
  const id = randomUUID();
  await db.database.query(
    `INSERT INTO control_plane.deployments (id, target_id, target_name, mode, bundle_digest, status, priority, dry_run,
       waiting, created_by, created_at, not_before, started_at, finished_at)
     SELECT $1, id, name, 'deployment', 'b', $3, $4, $5, $6, 'test', now() - $7 * interval '1 minute',
       now() - $8 * interval '1 minute', now() - $9 * interval '1 minute', now() - $10 * interval '1 minute'
     FROM control_plane.targets WHERE name = $2`,
    [
      id,
      row.target ?? 'a',
      row.status,
      row.priority ?? 0,
      row.dryRun ?? false,
      row.waiting === undefined ? null : JSON.stringify(row.waiting),
      row.created,
      row.notBefore ?? null,
      row.started ?? null,
      row.finished ?? null,
    ],
  );
  return id;
}

describe('the queue', () => {
  test('is told by status, by reason and by line', async () => {
    const running = await deployment({ status: 'running', created: 9, started: 8 });
    const second = await deployment({ status: 'queued', created: 7 });
    await deployment({ status: 'queued', created: 6 });
    const locked = await deployment({
      target: 'b',
      status: 'queued',
      created: 5,
      waiting: { kind: 'lock', holder: 'psql', since: '2026-01-01T00:00:00.000Z' },
    });
    const ready = await deployment({ target: 'c', status: 'queued', created: 4 });
    const later = await deployment({ target: 'd', status: 'scheduled', created: 3, notBefore: -60 });
    await deployment({ target: 'd', status: 'succeeded', created: 99, started: 98, finished: 97 });

    const queue = await findQueue(db.control, {}, 3);
    expect(queue.byStatus.map(({ status, count }) => [status, count])).toEqual([
      ['queued', 4],
      ['running', 1],
      ['scheduled', 1],
    ]);
    expect(queue.reasons.map(({ kind, count, example }) => [kind, count, example?.id])).toEqual([
      ['predecessor', 2, second],
      ['lock', 1, locked],
      ['time', 1, later],
      ['worker', 1, ready],
    ]);
    expect(queue.lines.map(({ target, waiting, head }) => [target, waiting, head?.id])).toEqual([
      ['a', 2, running],
      ['b', 1, locked],
      ['c', 1, ready],
    ]);
    expect(queue.lines[1]?.head).toMatchObject({ status: 'queued', waitingFor: { kind: 'lock', holder: 'psql' } });
    expect(queue.rest).toEqual({ targets: 1, waiting: 1 });
    for (const { kind, example } of queue.reasons) {
      expect((await findDeployment(db.control, example?.id ?? '', {}))?.waitingFor?.kind).toBe(kind);
    }
  });

  test('a freeze comes before the line, and holds up no dry run', async () => {
    await db.database.query(
      `INSERT INTO control_plane.freezes (labels, reason, created_by) VALUES ('{"env":"live"}', 'r', 't')`,
    );
    const frozen = await deployment({ status: 'queued', created: 5 });
    const dry = await deployment({ status: 'queued', created: 4, dryRun: true });
    const { reasons } = await findQueue(db.control, {}, 50);
    expect(reasons.map(({ kind, example }) => [kind, example?.id])).toEqual([
      ['freeze', frozen],
      ['predecessor', dry],
    ]);
    expect((await findDeployment(db.control, dry, {}))?.waitingFor?.kind).toBe('predecessor');
  });

  test('a key that is limited by labels sees its own targets alone', async () => {
    await deployment({ target: 'other', status: 'queued', created: 5 });
    expect((await findQueue(db.control, { env: 'live' }, 50)).lines).toEqual([]);
    expect((await findQueue(db.control, { env: 'other' }, 50)).lines).toHaveLength(1);
    expect((await findQueueDepth(db.control, { hours: 1, allowed: { env: 'live' } })).points.at(-1)?.queued).toBe(0);
  });

  test('with nothing to do it is empty', async () => {
    expect(await findQueue(db.control, {}, 50)).toEqual({
      byStatus: [],
      reasons: [],
      lines: [],
      rest: { targets: 0, waiting: 0 },
    });
  });
});

describe('the depth of the queue over time', () => {
  /** What stood so many minutes ago; points are half a minute apart. */
  async function depthAt(minutesAgo: number): Promise<[number, number]> {
    const { points } = await findQueueDepth(db.control, { hours: 1, allowed: {} });
    expect(points).toHaveLength(121);
    const point = points[120 - minutesAgo * 2];
    return [point?.queued ?? -1, point?.running ?? -1];
  }

  test('counts what waited and what ran at each moment', async () => {
    await deployment({ status: 'succeeded', created: 50.2, started: 40.2, finished: 30.2 });
    await deployment({ target: 'b', status: 'failed', created: 90, started: 45.2, finished: 20.2 });
    await deployment({ target: 'c', status: 'running', created: 10.2, started: 5.2 });
    await deployment({ target: 'd', status: 'queued', created: 3.2 });
    expect(await depthAt(60)).toEqual([1, 0]);
    expect(await depthAt(48)).toEqual([2, 0]);
    expect(await depthAt(42)).toEqual([1, 1]);
    expect(await depthAt(35)).toEqual([0, 2]);
    expect(await depthAt(25)).toEqual([0, 1]);
    expect(await depthAt(15)).toEqual([0, 0]);
    expect(await depthAt(7)).toEqual([1, 0]);
    expect(await depthAt(0)).toEqual([1, 1]);
  });

  test('what is scheduled for later is not queued, nor ever was when it was cancelled before', async () => {
    await deployment({ status: 'scheduled', created: 30, notBefore: -60 });
    await deployment({ status: 'cancelled', created: 30, notBefore: -60, finished: 10.2 });
    await deployment({ target: 'b', status: 'cancelled', created: 30, notBefore: 20.2, finished: 10.2 });
    expect(await depthAt(25)).toEqual([0, 0]);
    expect(await depthAt(15)).toEqual([1, 0]);
    expect(await depthAt(5)).toEqual([0, 0]);
  });

  test('when there are too many it begins later, and what it shows is right', async () => {
    for (let i = 0; i < 10; i++) {
      await deployment({ status: 'succeeded', created: 50 - i, started: 49.5 - i, finished: 20 - i });
    }
    const whole = await findQueueDepth(db.control, { hours: 1, allowed: {} });
    const capped = await findQueueDepth(db.control, { hours: 1, allowed: {}, most: 5 });
    expect([whole.isCapped, capped.isCapped]).toEqual([false, true]);
    const from = Date.parse(capped.points[0]?.at ?? '');
    expect((Date.now() - from) / 60_000).toBeCloseTo(15, 0);
    // The five that are read and had not ended by then.
    expect(capped.points[1]).toMatchObject({ queued: 0, running: 4 });
    expect(capped.points.at(-1)).toMatchObject({ queued: 0, running: 0 });
    expect(whole.points[91]).toMatchObject({ running: 4 });
  });
});
