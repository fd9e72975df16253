import { randomUUID } from 'node:crypto';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createControlDatabase, TESTER, type TestControlDatabase } from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import {
  abandonExpired,
  type Bell,
  claimDeployment,
  enterDeployment,
  findDeploymentDetail,
  finishDeployment,
  handBackDeployment,
  type Head,
  type Held,
  NO_PROGRESS,
  type Progress,
  putTarget,
  reconcile,
  recordProgress,
  renewLeases,
  requestCancel,
  STATUSES,
  storeBundle,
} from '../src/index.ts';

/** Everything that a worker may have to tell. */
const PROGRESS: Progress = {
  steps: [
    {
      path: 'deployment/00000-a.sql',
      position: 1,
      sha256: 'late',
      transactional: true,
      statementCount: 1,
      status: 'applied',
      startedAt: null,
      finishedAt: null,
      durationMs: 1,
      failure: null,
    },
  ],
  events: [{ at: new Date().toISOString(), type: 'step_finished', data: { late: true } }],
  backendPid: 666,
  serverVersion: 'late',
};
const SEEN = {
  systemIdentifier: 'late',
  database: 'late',
  serverVersion: 'late',
  createState: 'complete',
  files: [],
} as const;
const ENDING = { summary: null, failure: null, lockWaitMs: 1, progress: PROGRESS, seen: SEEN };
const HAND_BACK = { delayMs: 0, waiting: null, failure: null, lockWaitMs: 1, progress: PROGRESS };

describeEachServer('a worker that no longer holds a deployment', (server) => {
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

  async function enter(target: string, priority = 0): Promise<string> {
    const wanted = { target, allowedLabels: {}, mode: 'deployment', bundleDigest: bundle.digest } as const;
    const rest = { dryRun: false, onError: 'stop', notBefore: null, retryOf: null, traceParent: null } as const;
    const made = await enterDeployment(db.control.pool, { ...wanted, ...rest, priority }, TESTER);
    return made?.id ?? '';
  }

  /** All that a write could reach. */
  async function everything(): Promise<unknown> {
    const tables = ['deployments', 'attempts', 'steps', 'events', 'targets', 'target_ledgers', 'audit_log'];
    const rows: unknown[] = [];
    for (const table of tables) {
      rows.push(await db.database.query(`SELECT to_jsonb(t) AS row FROM control_plane.${table} t ORDER BY 1::text`));
    }
    return rows;
  }

  /** Each way to write, by someone who was given the deployment under this epoch. */
  const WRITES: readonly [string, (held: Held) => Promise<unknown>][] = [
    ['recordProgress', (held) => recordProgress(db.control, held, PROGRESS, 2)],
    ...(['succeeded', 'failed', 'cancelled', 'needs_attention'] as const).map(
      (status): [string, (held: Held) => Promise<unknown>] => [
        `finishDeployment ${status}`,
        (held) => finishDeployment(db.control, held, { status, ...ENDING }),
      ],
    ),
    ...(['waiting', 'retry', 'handed_back'] as const).map((outcome): [string, (held: Held) => Promise<unknown>] => [
      `handBackDeployment ${outcome}`,
      (held) => handBackDeployment(db.control, held, { outcome, ...HAND_BACK }),
    ]),
  ];

  /** Each state that a deployment may be in when the first worker, of epoch 1, comes late. */
  const LATER: readonly [string, (id: string) => Promise<unknown>][] = [
    ['queued again', () => abandonExpired(db.control, 100)],
    [
      'in another’s hands',
      async (id) => {
        await abandonExpired(db.control, 100);
        await claimDeployment(db.control, id, randomUUID(), 60_000);
      },
    ],
    [
      'being cancelled',
      async (id) => {
        await abandonExpired(db.control, 100);
        await requestCancel(db.control, id, TESTER);
      },
    ],
    [
      'ended by another',
      async (id) => {
        await abandonExpired(db.control, 100);
        await claimDeployment(db.control, id, randomUUID(), 60_000);
        await finishDeployment(db.control, { id, epoch: 3 }, { status: 'failed', ...ENDING, progress: NO_PROGRESS });
      },
    ],
    [
      'handed back by itself',
      (id) => handBackDeployment(db.control, { id, epoch: 1 }, { outcome: 'retry', ...HAND_BACK }),
    ],
  ];

  test.each(LATER)('writes nothing about one that is %s', async (_, later) => {
    for (const [name, write] of WRITES) {
      const id = await enter(await newTarget());
      await claimDeployment(db.control, id, randomUUID(), 0);
      await later(id);
      const before = await everything();
      await expect(write({ id, epoch: 1 }), name).rejects.toMatchObject({ code: 'lease_lost' });
      expect(await renewLeases(db.control, [{ id, epoch: 1 }], 60_000)).toEqual([]);
      expect(await everything(), name).toEqual(before);
    }
  });

  test('hears that it has ended it, when the answer to the first time was lost on its way', async () => {
    const id = await enter(await newTarget());
    await claimDeployment(db.control, id, randomUUID(), 60_000);
    const ending = { status: 'succeeded', ...ENDING } as const;
    await finishDeployment(db.control, { id, epoch: 1 }, ending);
    const before = await everything();
    await finishDeployment(db.control, { id, epoch: 1 }, ending);
    await expect(finishDeployment(db.control, { id, epoch: 1 }, { ...ending, status: 'failed' })).rejects.toMatchObject(
      {
        code: 'lease_lost',
      },
    );
    expect(await everything()).toEqual(before);
  });

  /** The numbers and types of what happened. */
  async function eventsOf(id: string): Promise<string[]> {
    const rows = await db.database.query<{ event: string }>(
      `SELECT number || ' ' || type AS event FROM control_plane.events WHERE deployment_id = $1 ORDER BY number`,
      [id],
    );
    return rows.map(({ event }) => event);
  }

  test('writes a batch of progress once, when its answer was lost on its way, also beside a request to cancel', async () => {
    const id = await enter(await newTarget());
    const claim = await claimDeployment(db.control, id, randomUUID(), 60_000);
    const held = { id, epoch: 1 };
    const before = claim?.lastEvent ?? 0;
    expect(await recordProgress(db.control, held, PROGRESS, before)).toBe(3);
    expect(await recordProgress(db.control, held, PROGRESS, before)).toBe(3);
    await requestCancel(db.control, id, TESTER);
    expect(await recordProgress(db.control, held, PROGRESS, before)).toBe(4);
    const next = { ...PROGRESS, events: [...PROGRESS.events, ...PROGRESS.events] };
    // Of the request to cancel this worker knows nothing yet.
    expect(await recordProgress(db.control, held, next, 3)).toBe(6);
    expect(await recordProgress(db.control, held, next, 3)).toBe(6);
    expect(await eventsOf(id)).toEqual([
      '1 queued',
      '2 started',
      '3 step_finished',
      '4 cancel_requested',
      '5 step_finished',
      '6 step_finished',
    ]);
  });

  test('writes a batch once that is sent again while the first time still waits in the server', async () => {
    const id = await enter(await newTarget());
    const claim = await claimDeployment(db.control, id, randomUUID(), 60_000);
    const write = (): Promise<number> => recordProgress(db.control, { id, epoch: 1 }, PROGRESS, claim?.lastEvent ?? 0);
    expect(await Promise.all(Array.from({ length: 8 }, write))).toEqual(Array.from({ length: 8 }, () => 3));
    expect(await eventsOf(id)).toEqual(['1 queued', '2 started', '3 step_finished']);
  });

  test('one that is cancelled between two attempts tells what the first applied', async () => {
    const id = await enter(await newTarget());
    await claimDeployment(db.control, id, randomUUID(), 60_000);
    const [step] = PROGRESS.steps;
    const planned =
      step === undefined ? [] : [{ ...step, path: 'deployment/00001-b.sql', status: 'planned' as const, position: 2 }];
    const progress = { ...PROGRESS, steps: [...PROGRESS.steps, ...planned] };
    await handBackDeployment(db.control, { id, epoch: 1 }, { outcome: 'handed_back', ...HAND_BACK, progress });
    expect(await requestCancel(db.control, id, TESTER)).toMatchObject({
      status: 'cancelled',
      summary: { applied: ['deployment/00000-a.sql'], notStarted: ['deployment/00001-b.sql'], failures: [] },
    });
    expect((await findDeploymentDetail(db.control, id, {}))?.steps.map(({ status }) => status)).toEqual([
      'applied',
      'not_started',
    ]);
  });

  test('one whose run may go on in the target is not called cancelled while another of the target is run', async () => {
    const target = await newTarget();
    const lost = await enter(target);
    await claimDeployment(db.control, lost, randomUUID(), 0);
    const urgent = await enter(target, 10);
    await abandonExpired(db.control, 100);
    await claimDeployment(db.control, urgent, randomUUID(), 60_000);
    for (let i = 0; i < 2; i++) {
      expect(await requestCancel(db.control, lost, TESTER)).toMatchObject({
        status: 'queued',
        cancelRequestedBy: TESTER.name,
        finishedAt: null,
        waitingFor: { kind: 'predecessor', deploymentId: urgent },
      });
    }
    expect(await claimDeployment(db.control, lost, randomUUID(), 60_000)).toBeNull();
    await finishDeployment(db.control, { id: urgent, epoch: 1 }, { status: 'succeeded', ...ENDING });
    expect(await claimDeployment(db.control, lost, randomUUID(), 60_000)).toMatchObject({
      deployment: { status: 'cancelling' },
    });
    await finishDeployment(db.control, { id: lost, epoch: 3 }, { status: 'cancelled', ...ENDING });
    expect((await findDeploymentDetail(db.control, lost, {}))?.status).toBe('cancelled');
    const [audited] = await db.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM control_plane.audit_log WHERE action = 'deployment.cancel' AND subject = $1`,
      [lost],
    );
    expect(audited?.n).toBe(1);
  });

  test('no unfinished deployment is left out of the rounds: each is rung, due, held, or behind one that is', async () => {
    const target = await newTarget();
    await enter(target);
    const rung = new Set<string>();
    const bell: Bell = {
      ring: () => Promise.resolve(),
      ringMissing: (heads: readonly Head[]) => {
        for (const { id } of heads) rung.add(id);
        return Promise.resolve();
      },
      tell: () => undefined,
      counts: () => Promise.resolve({}),
      isAlive: () => Promise.resolve(true),
      close: () => Promise.resolve(),
    };
    await db.database.query(
      `UPDATE control_plane.deployments SET lease_expires_at = now() WHERE worker_id IS NOT NULL`,
    );
    let from = '0';
    do from = (await reconcile(db.control, bell, from)).next;
    while (from !== '0');
    const unfinished = STATUSES.filter((status) => ['scheduled', 'queued', 'running', 'cancelling'].includes(status));
    const still = await db.database.query<{ id: string }>(
      `SELECT DISTINCT ON (target_id) id FROM control_plane.deployments WHERE status = ANY ($1)
       ORDER BY target_id, status = 'cancelling' DESC, priority DESC, seq`,
      [unfinished],
    );
    expect(still.length).toBeGreaterThan(10);
    expect(still.filter(({ id }) => !rung.has(id))).toEqual([]);
  });
});
