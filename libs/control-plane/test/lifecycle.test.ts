import { randomUUID } from 'node:crypto';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createControlDatabase,
  randomEncryptionKey,
  plainDeployment,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import {
  abandonExpired,
  claimDeployment,
  enterDeployment,
  findDeploymentDetail,
  findEventsOf,
  finishDeployment,
  handBackDeployment,
  headsOfLinesOf,
  headsOfLines,
  listDeployments,
  loadBundle,
  NO_PROGRESS,
  putTarget,
  readKeyring,
  recordProgress,
  renewLeases,
  requestCancel,
  sealSecret,
  storeBundle,
} from '../src/index.ts';

const CANCELLED = {
  status: 'cancelled',
  summary: null,
  failure: null,
  lockWaitMs: 0,
  progress: NO_PROGRESS,
  seen: null,
} as const;
const ANY = { target: null, mode: null, status: null, rollout: null, createdAfter: null, createdBefore: null };

describeEachServer('a deployment in the control database', (server) => {
  let db: TestControlDatabase;
  const worker = randomUUID();
  const keyring = readKeyring(randomEncryptionKey(), null);
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeAll(async () => {
    db = await createControlDatabase(server);
    await storeBundle(db.control, bundle, [], TESTER);
  });
  afterAll(() => db.drop());

  async function newTarget(): Promise<string> {
    const name = `target-${randomUUID()}`;
    const secret = sealSecret('postgres://u:p@h/d', name, keyring);
    const shown = { host: 'h', port: 5432, database: 'd', user: 'u', tls: 'disable' as const };
    await putTarget(db.control, { name, labels: { env: 'test' }, dsn: { kind: 'sealed', secret, shown } }, {}, TESTER);
    return name;
  }

  async function enter(target: string, extra: { priority?: number; notBefore?: string } = {}): Promise<string> {
    const made = await enterDeployment(
      db.control.pool,
      { ...plainDeployment(target, bundle.digest), priority: extra.priority ?? 0, notBefore: extra.notBefore ?? null },
      TESTER,
    );
    if (made === null) throw new Error('the target is not there');
    return made.id;
  }

  test('a bundle reads back as it was stored', async () => {
    expect(await loadBundle(db.control, bundle.digest)).toEqual(bundle);
    expect(await storeBundle(db.control, bundle, [], TESTER)).toBe(false);
  });

  test('says whether a ledger with files was seen on the target', async () => {
    const target = await newTarget();
    const file = { path: 'deployment/00000-a.sql', sha256: 'x', origin: 'run', appliedAt: new Date().toISOString() };
    const files = [{ ...file, appliedBy: 'somebody', durationMs: 1 }];
    const known: unknown[] = [];
    for (const seenFiles of [[], files, files]) {
      const id = await enter(target);
      known.push((await claimDeployment(db.control, id, worker, 10_000))?.hasLedger);
      const seen = { systemIdentifier: '7', database: 'd', serverVersion: '18.1', createState: 'not_started' } as const;
      const end = { status: 'succeeded', summary: null, failure: null, lockWaitMs: 0, progress: NO_PROGRESS } as const;
      await finishDeployment(db.control, { id, epoch: 1 }, { ...end, seen: { ...seen, files: seenFiles } });
    }
    expect(known).toEqual([false, false, true]);
  });

  test('goes from queued over running to succeeded, with its attempt, steps and events', async () => {
    const id = await enter(await newTarget());
    const claim = await claimDeployment(db.control, id, worker, 10_000);
    expect(claim).toMatchObject({ epoch: 1, attempt: 1, deployment: { status: 'running', waitingFor: null } });
    const held = { id, epoch: 1 };
    const step = {
      path: 'deployment/00000-a.sql',
      position: 1,
      sha256: 'x',
      transactional: true,
      statementCount: 1,
      startedAt: null,
      finishedAt: null,
      durationMs: null,
      failure: null,
    };
    await recordProgress(
      db.control,
      held,
      {
        steps: [{ ...step, status: 'planned' }],
        events: [{ at: new Date().toISOString(), type: 'planned', data: { total: 1 } }],
        backendPid: 42,
        serverVersion: '18.1',
      },
      claim?.lastEvent ?? 0,
    );
    await finishDeployment(db.control, held, {
      status: 'succeeded',
      summary: null,
      failure: null,
      lockWaitMs: 0,
      progress: {
        ...NO_PROGRESS,
        steps: [{ ...step, status: 'applied', durationMs: 1.5 }],
        events: [{ at: new Date().toISOString(), type: 'step_finished', data: {} }],
      },
      seen: { systemIdentifier: '7', database: 'd', serverVersion: '18.1', createState: 'not_started', files: [] },
    });
    const detail = await findDeploymentDetail(db.control, id, {});
    expect(detail).toMatchObject({
      status: 'succeeded',
      attempts: [{ number: 1, outcome: 'succeeded', backendPid: 42, serverVersion: '18.1' }],
      steps: [{ path: 'deployment/00000-a.sql', status: 'applied', attempt: 1, durationMs: 1.5, failure: null }],
    });
    const events = await findEventsOf(db.control, [{ deploymentId: id, after: 0 }], 100);
    expect(events.map(({ number, type }) => [number, type])).toEqual([
      [1, 'queued'],
      [2, 'started'],
      [3, 'planned'],
      [4, 'step_finished'],
      [5, 'finished'],
    ]);
    const ids = events.map((event) => Number(event.id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test('only the head of the line is to be had, the highest priority first', async () => {
    const target = await newTarget();
    const first = await enter(target);
    const second = await enter(target);
    expect(await claimDeployment(db.control, second, worker, 10_000)).toBeNull();
    const urgent = await enter(target, { priority: 5 });
    expect(await claimDeployment(db.control, first, worker, 10_000)).toBeNull();
    expect(await claimDeployment(db.control, urgent, worker, 10_000)).not.toBeNull();
    const detail = await findDeploymentDetail(db.control, first, {});
    expect(detail?.waitingFor).toEqual({ kind: 'predecessor', deploymentId: urgent, status: 'running' });
    const { heads } = await headsOfLines(db.control.pool, '0', 500);
    expect(heads.map((head) => head.id)).not.toContain(first);
  });

  test('two workers that reach for the same at once: one has it', async () => {
    const target = await newTarget();
    const ids = [await enter(target), await enter(target)];
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, i) => claimDeployment(db.control, ids[i % 2] ?? '', randomUUID(), 10_000)),
    );
    expect(claims.filter((claim) => claim !== null).map((claim) => claim.deployment.id)).toEqual([ids[0]]);
  });

  test('waiting for the lock is one attempt, and a worker that was given up on can write no more', async () => {
    const id = await enter(await newTarget());
    await claimDeployment(db.control, id, worker, 10_000);
    const waiting = { kind: 'lock', holder: 'backend 7', since: new Date().toISOString() } as const;
    expect(
      await handBackDeployment(
        db.control,
        { id, epoch: 1 },
        { outcome: 'waiting', delayMs: 0, waiting, failure: null, lockWaitMs: 5, progress: NO_PROGRESS },
      ),
    ).toBe(true);
    expect((await findDeploymentDetail(db.control, id, {}))?.waitingFor).toEqual(waiting);
    const again = await claimDeployment(db.control, id, worker, 0);
    expect(again).toMatchObject({ attempt: 1, epoch: 2, lockWait: waiting });
    const abandoned = await abandonExpired(db.control, 100);
    expect(abandoned.map((a) => a.id)).toContain(id);
    expect(await renewLeases(db.control, [{ id, epoch: 2 }], 1000)).toEqual([]);
    await expect(
      recordProgress(db.control, { id, epoch: 2 }, NO_PROGRESS, again?.lastEvent ?? 0),
    ).rejects.toMatchObject({
      code: 'lease_lost',
    });
    const last = await claimDeployment(db.control, id, worker, 10_000);
    expect(last).toMatchObject({ attempt: 2, epoch: 4 });
  });

  test('is told which other deployments of its target had run, and how far', async () => {
    const target = await newTarget();
    const [lost, next] = [await enter(target), await enter(target)];
    const first = await claimDeployment(db.control, lost, worker, 0);
    expect(first?.earlierRuns).toEqual([]);
    await requestCancel(db.control, lost, TESTER);
    await abandonExpired(db.control, 100);
    const settling = await claimDeployment(db.control, lost, worker, 10_000);
    await finishDeployment(db.control, { id: lost, epoch: settling?.epoch ?? 0 }, CANCELLED);
    const second = await claimDeployment(db.control, next, worker, 10_000);
    expect(second?.earlierRuns).toEqual([{ deploymentId: lost, epoch: settling?.epoch, isHeld: false }]);
  });

  test('is cancelled at once while it is queued, and on its worker’s word while it runs', async () => {
    const target = await newTarget();
    const running = await enter(target);
    const queued = await enter(target);
    await claimDeployment(db.control, running, worker, 10_000);
    expect(await requestCancel(db.control, queued, TESTER)).toMatchObject({ status: 'cancelled' });
    expect(await requestCancel(db.control, running, TESTER)).toMatchObject({ status: 'cancelling' });
    expect(await requestCancel(db.control, running, TESTER)).toMatchObject({ status: 'cancelling' });
    const handBack = {
      outcome: 'retry',
      delayMs: 0,
      waiting: null,
      failure: null,
      lockWaitMs: 0,
      progress: NO_PROGRESS,
    } as const;
    expect(await handBackDeployment(db.control, { id: running, epoch: 1 }, handBack)).toBe(false);
    const ending = { summary: null, failure: null, lockWaitMs: 0, progress: NO_PROGRESS, seen: null };
    await finishDeployment(db.control, { id: running, epoch: 1 }, { status: 'cancelled', ...ending });
    await expect(requestCancel(db.control, running, TESTER)).rejects.toMatchObject({ code: 'deployment_final' });
    expect(await requestCancel(db.control, randomUUID(), TESTER)).toBeNull();
  });

  test('one that was queued again for its worker was lost is cancelled only when a worker has looked', async () => {
    const id = await enter(await newTarget());
    await claimDeployment(db.control, id, worker, 0);
    await abandonExpired(db.control, 100);
    expect(await requestCancel(db.control, id, TESTER)).toMatchObject({ status: 'cancelling', finishedAt: null });
    expect((await headsOfLines(db.control.pool, '0', 500)).heads.map((head) => head.id)).toContain(id);
    expect(await claimDeployment(db.control, id, worker, 10_000)).toMatchObject({
      deployment: { status: 'cancelling' },
      attempt: 2,
    });
  });

  test('is found by any mixture of filters, page by page', async () => {
    const target = await newTarget();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await enter(target));
    const filter = { ...ANY, target };
    const first = await listDeployments(db.control, { filter, allowed: { env: 'test' }, after: null, limit: 3 });
    expect(first.items.map((item) => item.id)).toEqual(ids.slice(0, 3));
    const rest = await listDeployments(db.control, { filter, allowed: {}, after: first.next, limit: 3 });
    expect(rest).toMatchObject({ next: null });
    expect(rest.items.map((item) => item.id)).toEqual(ids.slice(3));
    const none = await listDeployments(db.control, { filter, allowed: { env: 'other' }, after: null, limit: 3 });
    expect(none.items).toEqual([]);
    const mixed = {
      target,
      mode: 'create',
      status: 'queued',
      rollout: randomUUID(),
      createdAfter: '2020-01-01T00:00:00Z',
      createdBefore: '2020-01-02T00:00:00Z',
    } as const;
    expect((await listDeployments(db.control, { filter: mixed, allowed: {}, after: null, limit: 3 })).items).toEqual(
      [],
    );
  });

  test('one that is not to begin yet waits for its time', async () => {
    const target = await newTarget();
    const id = await enter(target, { notBefore: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await claimDeployment(db.control, id, worker, 10_000)).toBeNull();
    const detail = await findDeploymentDetail(db.control, id, {});
    expect(detail).toMatchObject({ status: 'scheduled', waitingFor: { kind: 'time' } });
    expect(await headsOfLinesOf(db.control.pool, [id])).toEqual([]);
  });
});
