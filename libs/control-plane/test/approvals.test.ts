import { randomUUID } from 'node:crypto';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createControlDatabase,
  plainDeployment,
  randomEncryptionKey,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { describeEachServer } from '../../../test-support/servers.ts';
import {
  abandonExpired,
  type Actor,
  approveDeployment,
  claimDeployment,
  createProtection,
  enterDeployment,
  findApprovable,
  findDeployment,
  finishDeployment,
  headsOfLinesOf,
  holdForApproval,
  NO_PROGRESS,
  putTarget,
  queueDue,
  readKeyring,
  rejectDeployment,
  removeProtection,
  requestCancel,
  sealSecret,
  storeBundle,
  voidApproval,
} from '../src/index.ts';

const APPROVER: Actor = { name: 'approver', keyId: randomUUID(), requestId: null };
const VOIDED = {
  departure: { notApproved: ['deployment/00001-b.sql'], notPlanned: [], address: null },
  lockWaitMs: 0,
  progress: NO_PROGRESS,
};

describeEachServer('an approval in the control database', (server) => {
  let db: TestControlDatabase;
  const worker = randomUUID();
  const keyring = readKeyring(randomEncryptionKey(), null);
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeAll(async () => {
    db = await createControlDatabase(server);
    await storeBundle(db.control, bundle, [], TESTER);
  });
  afterAll(() => db.drop());

  async function newTarget(labels: Record<string, string> = {}): Promise<string> {
    const name = `target-${randomUUID()}`;
    const secret = sealSecret('postgres://u:p@h/d', name, keyring);
    const shown = { host: 'h', port: 5432, database: 'd', user: 'u', tls: 'disable' as const };
    await putTarget(db.control, { name, labels, dsn: { kind: 'sealed', secret, shown } }, {}, TESTER);
    return name;
  }

  async function enter(target: string, extra: { dryRun?: boolean; notBefore?: string } = {}): Promise<string> {
    const wanted = { ...plainDeployment(target, bundle.digest), ...extra };
    return (await enterDeployment(db.control.pool, wanted, TESTER))?.id ?? '';
  }

  const protect = (target: string) =>
    createProtection(db.control, { target, labels: null, reason: 'Production.' }, TESTER);
  const statusOf = async (id: string) => (await findDeployment(db.control, id, {}))?.status;
  const claim = (id: string) => claimDeployment(db.control, id, worker, 60_000);
  async function approve(id: string) {
    const plan = (await findApprovable(db.control, id, {}))?.plan.plan ?? '';
    return approveDeployment(db.control, { deploymentId: id, plan, allowed: {} }, APPROVER);
  }
  const audited = async (id: string): Promise<string[]> =>
    (
      await db.database.query<{ action: string }>(
        `SELECT action FROM control_plane.audit_log WHERE subject = '${id}' ORDER BY seq`,
      )
    ).map(({ action }) => action);

  test('is waited for on targets that have all labels of a protection, and on no others', async () => {
    const labels = { env: randomUUID(), tier: 'gold' };
    const { id } = await createProtection(db.control, { labels, target: null, reason: 'Production.' }, TESTER);
    const inside = await newTarget({ ...labels, more: 'x' });
    const outside = await newTarget({ env: labels.env });
    expect(await statusOf(await enter(inside))).toBe('awaiting_approval');
    expect(await statusOf(await enter(inside, { dryRun: true }))).toBe('queued');
    expect(await statusOf(await enter(inside, { notBefore: '2099-01-01T00:00:00Z' }))).toBe('awaiting_approval');
    expect(await statusOf(await enter(outside))).toBe('queued');
    await removeProtection(db.control, id, {}, TESTER);
    expect(await statusOf(await enter(inside))).toBe('queued');
  });

  test('what waits for one is in no line, is not to be had, and is not queued when its time comes', async () => {
    const target = await newTarget();
    await protect(target);
    const waits = await enter(target, { notBefore: new Date(Date.now() - 1000).toISOString() });
    const dry = await enter(target, { dryRun: true });
    expect((await headsOfLinesOf(db.control.pool, [waits])).map(({ id }) => id)).toEqual([dry]);
    expect(await claim(waits)).toBeNull();
    expect(await queueDue(db.control, 100)).not.toContain(waits);
    expect(await holdForApproval(db.control, waits)).toBe(false);
    expect(await statusOf(waits)).toBe('awaiting_approval');
    expect(await approve(waits)).toMatchObject({ status: 'queued', approval: { by: 'approver' } });
    // By the order in which they were asked for.
    expect((await headsOfLinesOf(db.control.pool, [dry])).map(({ id }) => id)).toEqual([waits]);
    expect(await claim(waits)).toMatchObject({ approval: { basis: 'never_seen', address: 'h:5432/d as u' } });
  });

  test('what was queued before is held once, unless it is to be cancelled or was approved', async () => {
    const target = await newTarget();
    const queued = await enter(target);
    expect(await holdForApproval(db.control, queued)).toBe(false);
    await protect(target);
    expect(await claim(queued)).toBeNull();
    expect(await Promise.all([1, 2, 3].map(() => holdForApproval(db.control, queued)))).toHaveLength(3);
    const events = await db.database.query(
      `SELECT type FROM control_plane.events WHERE deployment_id = '${queued}' ORDER BY number`,
    );
    expect(events).toEqual([{ type: 'queued' }, { type: 'awaiting_approval' }]);
    await approve(queued);
    expect(await holdForApproval(db.control, queued)).toBe(false);
    expect(await claim(queued)).not.toBeNull();
  });

  test('is void on the word of the worker that has it, and of no other', async () => {
    const target = await newTarget();
    const { id: protection } = await protect(target);
    const id = await enter(target);
    await approve(id);
    expect(await claim(id)).toMatchObject({ epoch: 1 });
    await expect(voidApproval(db.control, { id, epoch: 0 }, VOIDED)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await voidApproval(db.control, { id, epoch: 1 }, VOIDED)).toBe(true);
    expect(await findDeployment(db.control, id, {})).toMatchObject({
      status: 'awaiting_approval',
      approval: null,
      waitingFor: {
        kind: 'approval',
        protection,
        voided: 'would be run there, and not approved: deployment/00001-b.sql',
      },
    });
    // Said once more, since the answer to the first time was lost on its way.
    await expect(voidApproval(db.control, { id, epoch: 1 }, VOIDED)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await claim(id)).toBeNull();
    await approve(id);
    expect(await claim(id)).toMatchObject({ epoch: 2 });
    // Asked to stop at this very moment: it is to be ended, not to wait again.
    await requestCancel(db.control, id, TESTER);
    expect(await voidApproval(db.control, { id, epoch: 2 }, VOIDED)).toBe(false);
    expect(await audited(id)).toEqual([
      'deployment.create',
      'deployment.approve',
      'deployment.approval_void',
      'deployment.approve',
      'deployment.cancel',
    ]);
  });

  test('one of many at once is kept, and the others change nothing', async () => {
    const target = await newTarget();
    await protect(target);
    const id = await enter(target);
    const plan = (await findApprovable(db.control, id, {}))?.plan.plan ?? '';
    const others = Array.from({ length: 5 }, (_, i) => ({ ...APPROVER, name: `approver-${i}`, keyId: randomUUID() }));
    const outcomes = await Promise.allSettled(
      others.map((actor) => approveDeployment(db.control, { deploymentId: id, plan, allowed: {} }, actor)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await audited(id)).toEqual(['deployment.create', 'deployment.approve']);
  });

  test.each([
    ['is settled by a worker', false, 'cancelling'],
    ['keeps its place while another of the target runs, and is settled in its turn', true, 'queued'],
  ])('one that waits again after its worker was lost and is rejected %s', async (_, isBusy, status) => {
    const target = await newTarget();
    const id = await enter(target);
    await claim(id);
    await protect(target);
    await db.database.query(`UPDATE control_plane.deployments SET lease_expires_at = now() WHERE id = '${id}'`);
    await abandonExpired(db.control, 100);
    expect(await holdForApproval(db.control, id)).toBe(true);
    const dry = await enter(target, { dryRun: true });
    if (isBusy) expect(await claim(dry)).not.toBeNull();
    // Its run may go on in the target: it is not called cancelled before somebody has looked.
    expect(await rejectDeployment(db.control, id, 'No.', APPROVER)).toMatchObject({ status, finishedAt: null });
    if (isBusy) {
      expect(await claim(id)).toBeNull();
      const ending = {
        status: 'succeeded',
        summary: null,
        failure: null,
        lockWaitMs: 0,
        progress: NO_PROGRESS,
      } as const;
      await finishDeployment(db.control, { id: dry, epoch: 1 }, { ...ending, seen: null });
    }
    expect(await claim(id)).toMatchObject({ deployment: { status: 'cancelling' } });
  });
});
