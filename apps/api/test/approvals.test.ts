import { randomUUID } from 'node:crypto';
import type { RunningWorker } from '@postgres-manager/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';
import { openStage, readStream, type Reply, type Stage, until } from './support/service-stage.ts';

let stage: Stage;
let approver: string;
beforeAll(async () => {
  stage = await openStage(anyServer());
  approver = await key('approver');
});
afterAll(() => stage.close());

const A = { 'deployment/00000-a.sql': 'CREATE TABLE a (id integer);' };
const B = { 'deployment/00001-b.sql': 'CREATE TABLE b (id integer);' };

async function key(role: string, labels: Record<string, string> = {}): Promise<string> {
  const made = await stage.call('POST', '/v1/keys', { body: { name: `${role}-key`, role, labels } });
  return made.body.key;
}

async function worker(): Promise<RunningWorker> {
  const started = await stage.worker();
  onTestFinished(() => started.close({ graceMs: 0 }));
  return started;
}

/** Labels of their own, so that tests don't protect each other's targets. */
async function protect(): Promise<{ labels: Record<string, string>; id: string }> {
  const labels = { guarded: randomUUID().slice(0, 8) };
  const made = await stage.call('POST', '/v1/protections', { body: { labels, reason: 'Production.' } });
  expect(made.status, made.text).toBe(201);
  return { labels, id: made.body.id };
}

const name = (): string => `p-${randomUUID().slice(0, 8)}`;
const post = (target: string, bundle: string, more: object = {}): Promise<Reply> =>
  stage.call('POST', '/v1/deployments', { body: { target, mode: 'deployment', bundle, ...more } });
const get = (id: string): Promise<Reply> => stage.call('GET', `/v1/deployments/${id}`);
const comes = (id: string, status: string): Promise<Reply> =>
  until(
    () => get(id),
    ({ body }) => body.status === status,
  );
interface Shown {
  plan: string;
  basis: string;
  steps: { path: string; sha256: string }[];
}
const shown = async (id: string, of = 'deployments'): Promise<Shown> =>
  (await stage.call('GET', `/v1/${of}/${id}/approval`)).body as unknown as Shown;
const approve = (id: string, plan: string, as = approver): Promise<Reply> =>
  stage.call('POST', `/v1/deployments/${id}/approve`, { body: { plan }, key: as });
const reject = (id: string, as = approver): Promise<Reply> =>
  stage.call('POST', `/v1/deployments/${id}/reject`, { body: { reason: 'Not on a Friday.' }, key: as });
const eventsOf = (id: string): Promise<{ type: string; data: Record<string, unknown> }[]> =>
  stage.control.query(`SELECT type, data FROM control_plane.events WHERE deployment_id = '${id}' ORDER BY number`);
const auditOf = async (subject: string): Promise<string[]> =>
  (
    await stage.control.query(`SELECT action FROM control_plane.audit_log WHERE subject = '${subject}' ORDER BY id`)
  ).map(({ action }) => String(action));

describe('a deployment on a protected target', () => {
  test('waits, holds up nobody, and runs when another key has approved what it was shown', async () => {
    const { labels, id: protection } = await protect();
    const target = name();
    const database = await stage.target(target, labels);
    expect((await stage.call('GET', `/v1/targets/${target}`)).body).toMatchObject({
      protections: [{ id: protection, reason: 'Production.' }],
    });
    await worker();
    const made = await post(target, await stage.bundle(A));
    expect(made).toMatchObject({
      status: 202,
      body: {
        status: 'awaiting_approval',
        approval: null,
        waitingFor: { kind: 'approval', protection, reason: 'Production.', voided: null },
      },
    });
    const { id } = made.body;
    // A dry run changes nothing, so it waits for nobody.
    const dry = await post(target, await stage.bundle(A), { dryRun: true });
    expect(dry.body.status).toBe('queued');
    await comes(dry.body.id, 'succeeded');
    expect((await get(id)).body.status).toBe('awaiting_approval');
    const plan = await shown(id);
    expect(plan).toMatchObject({ basis: 'ledger', steps: [{ path: 'deployment/00000-a.sql' }] });
    const approved = await approve(id, plan.plan);
    expect(approved).toMatchObject({ status: 200, body: { approval: { by: 'approver-key', plan: plan.plan } } });
    await comes(id, 'succeeded');
    expect(await database.query('SELECT * FROM a')).toEqual([]);
    // The same again changes nothing.
    expect((await approve(id, plan.plan)).status).toBe(200);
    expect(await auditOf(id)).toEqual(['deployment.create', 'deployment.approve']);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['awaiting_approval', 'approved', 'started', 'finished']),
    );
    const streamed = await readStream(stage, `/v1/deployments/${id}/events`);
    expect(streamed.map(({ type }) => type)).toContain('approved');
  });

  test('whose approval is refused stays as it is', async () => {
    const { labels } = await protect();
    const target = name();
    await stage.target(target, labels);
    const { id } = (await post(target, await stage.bundle(A))).body;
    const { plan } = await shown(id);
    const refusals: [string, Reply, number, string][] = [
      ['an admin', await approve(id, plan, stage.adminKey), 403, 'role_too_low'],
      ['a deployer', await approve(id, plan, await key('deployer')), 403, 'role_too_low'],
      ['a viewer', await approve(id, plan, await key('viewer')), 403, 'role_too_low'],
      [
        'an approver of others',
        await approve(id, plan, await key('approver', { guarded: 'no' })),
        404,
        'deployment_unknown',
      ],
      ['a stale plan', await approve(id, 'f'.repeat(64)), 409, 'approval_plan_moved'],
      [
        'no plan',
        await stage.call('POST', `/v1/deployments/${id}/approve`, { body: {}, key: approver }),
        422,
        'request_invalid',
      ],
      ['a rejection by an admin', await reject(id, stage.adminKey), 403, 'role_too_low'],
      [
        'a rejection by an approver of others',
        await reject(id, await key('approver', { guarded: 'no' })),
        404,
        'deployment_unknown',
      ],
    ];
    for (const [who, reply, status, code] of refusals) {
      expect({ status: reply.status, code: reply.body.code }, who).toEqual({ status, code });
    }
    // No role could ask and approve: the row is made to look as if one had.
    await stage.control.query(
      `UPDATE control_plane.deployments SET key_id = (SELECT id FROM control_plane.api_keys WHERE role = 'approver'
         AND labels = '{}' ORDER BY created_at LIMIT 1) WHERE id = '${id}'`,
    );
    expect((await approve(id, plan)).body.code).toBe('approval_own_request');
    expect((await get(id)).body).toMatchObject({ status: 'awaiting_approval', approval: null });
    expect(await auditOf(id)).toEqual(['deployment.create']);
    expect((await approve(id, plan, await key('approver', labels))).status).toBe(200);
    expect((await reject(id)).body.code).toBe('approval_not_awaited');
    await stage.call('POST', `/v1/deployments/${id}/cancel`);
    expect((await approve(id, 'f'.repeat(64))).body.code).toBe('approval_not_awaited');
  });

  test('an approver asks for nothing, and an approver’s key sees what a viewer’s sees', async () => {
    const as = { key: approver };
    expect((await stage.call('GET', '/v1/targets', as)).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/v1/deployments'],
      ['POST', '/v1/rollouts'],
      ['POST', '/v1/freezes'],
      ['POST', '/v1/protections'],
      ['POST', `/v1/deployments/${randomUUID()}/cancel`],
      ['POST', `/v1/deployments/${randomUUID()}/retry`],
      ['PUT', '/v1/targets/x'],
      ['GET', '/v1/audit'],
    ] as const) {
      const reply = await stage.call(method, path, { ...as, ...(method === 'GET' ? {} : { body: {} }) });
      expect({ path, code: reply.body.code }).toEqual({ path, code: 'role_too_low' });
    }
  });

  test('that is rejected is cancelled, with the reason', async () => {
    const { labels } = await protect();
    const target = name();
    await stage.target(target, labels);
    const { id } = (await post(target, await stage.bundle(A))).body;
    for (let twice = 0; twice < 2; twice++) {
      expect(await reject(id)).toMatchObject({
        status: 200,
        body: {
          status: 'cancelled',
          failure: { code: 'approval_rejected', message: 'approver-key rejected it: Not on a Friday.' },
        },
      });
    }
    expect(await auditOf(id)).toEqual(['deployment.create', 'deployment.reject']);
    expect((await approve(id, 'f'.repeat(64))).body.code).toBe('approval_not_awaited');
  });

  test('is voided when the target lacks other files than were approved; nothing has run, and the new plan is shown', async () => {
    const { labels, id: protection } = await protect();
    const target = name();
    const database = await stage.target(target, labels);
    await worker();
    const bundle = await stage.bundle({ ...A, ...B });
    await comes((await post(target, bundle, { dryRun: true })).body.id, 'succeeded');
    const late = (await post(target, bundle)).body.id;
    const plan = await shown(late);
    expect(plan.steps.map(({ path }) => path)).toEqual(['deployment/00000-a.sql', 'deployment/00001-b.sql']);
    // Another one of the same files is approved first, and runs.
    const { id: first } = (await post(target, await stage.bundle(A))).body;
    await approve(first, (await shown(first)).plan);
    await comes(first, 'succeeded');
    // What was shown before is not what is known by now.
    expect((await approve(late, plan.plan)).body.code).toBe('approval_plan_moved');
    // As if it had been approved in the same moment: the ledger as it was known then.
    await stage.control.query(`UPDATE control_plane.target_ledgers SET files = '[]' WHERE target_id =
      (SELECT id FROM control_plane.targets WHERE name = '${target}')`);
    expect((await approve(late, plan.plan)).status).toBe(200);
    const voided = await until(
      () => get(late),
      ({ body }) => body.status === 'awaiting_approval',
    );
    expect(voided.body).toMatchObject({
      approval: null,
      waitingFor: {
        kind: 'approval',
        protection,
        voided: 'approved, and applied there by somebody else since: deployment/00000-a.sql',
      },
    });
    expect(await database.query(`SELECT to_regclass('b') AS b`)).toEqual([{ b: null }]);
    expect((await eventsOf(late)).filter(({ type }) => type === 'approval_voided')).toEqual([
      { type: 'approval_voided', data: { notApproved: [], notPlanned: ['deployment/00000-a.sql'], address: null } },
    ]);
    const again = await shown(late);
    expect(again).toMatchObject({ basis: 'worker', steps: [{ path: 'deployment/00001-b.sql' }] });
    expect((await approve(late, plan.plan)).body.code).toBe('approval_plan_moved');
    expect((await approve(late, again.plan)).status).toBe(200);
    await comes(late, 'succeeded');
    expect(await auditOf(late)).toEqual([
      'deployment.create',
      'deployment.approve',
      'deployment.approval_void',
      'deployment.approve',
    ]);
    expect((await stage.call('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true });
  });

  test('that nobody has seen may run any part of the folder, and no file that is not in it', async () => {
    const { labels } = await protect();
    const target = name();
    const database = await stage.target(target, labels);
    await database.query(`CREATE TABLE tbl_deployments (file_name text PRIMARY KEY, manual_deployment boolean, date_applied timestamp);
      INSERT INTO tbl_deployments VALUES ('00000-a.sql', false, now())`);
    await worker();
    const { id } = (await post(target, await stage.bundle({ ...A, ...B }))).body;
    const plan = await shown(id);
    expect(plan).toMatchObject({ basis: 'never_seen', steps: [{}, {}] });
    await approve(id, plan.plan);
    const { body } = await comes(id, 'succeeded');
    expect(body).toMatchObject({ summary: { applied: ['deployment/00001-b.sql'] } });
  });

  test('goes on with the rest of what was approved after an attempt that applied a part', async () => {
    const { labels } = await protect();
    const target = name();
    const database = await stage.target(target, labels);
    await database.query('CREATE TABLE gate (id integer)');
    const files = {
      ...A,
      // Waits until the gate is away: the connection is ended while it does.
      'deployment/00001-b.sql': `DO $$ BEGIN IF EXISTS (SELECT FROM gate) THEN PERFORM pg_sleep(30); END IF; END $$;`,
    };
    await database.query('INSERT INTO gate VALUES (1)');
    await worker();
    const bundle = await stage.bundle(files);
    // Seen: then exactly what was approved may run.
    await comes((await post(target, bundle, { dryRun: true })).body.id, 'succeeded');
    const { id } = (await post(target, bundle)).body;
    const plan = await shown(id);
    expect(plan.basis).toBe('ledger');
    await approve(id, plan.plan);
    await until(
      () => database.query(`SELECT to_regclass('a') AS a`),
      ([row]) => row?.['a'] !== null,
    );
    await database.query('DELETE FROM gate');
    await until(
      () =>
        database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'postgres-manager %' AND wait_event = 'PgSleep'`),
      (ended) => ended.length > 0,
    );
    const { body } = await comes(id, 'succeeded');
    expect(body).toMatchObject({ summary: { applied: ['deployment/00000-a.sql', 'deployment/00001-b.sql'] } });
    expect(body.attempts.length).toBeGreaterThan(1);
    expect(await auditOf(id)).toEqual(['deployment.create', 'deployment.approve']);
  });

  test('that was queued before its target was protected waits when its turn comes', async () => {
    const target = name();
    await stage.target(target);
    const { id } = (await post(target, await stage.bundle(A))).body;
    const { id: next } = (await post(target, await stage.bundle(A), { dryRun: true })).body;
    const made = await stage.call('POST', '/v1/protections', { body: { target, reason: 'From now on.' } });
    await worker();
    await comes(id, 'awaiting_approval');
    // What was behind it goes on.
    await comes(next, 'succeeded');
    // Without the protection it goes on waiting: it is approved, or asked for anew.
    expect((await stage.call('DELETE', `/v1/protections/${made.body.id}`)).status).toBe(200);
    expect((await get(id)).body.status).toBe('awaiting_approval');
    expect(await auditOf(made.body.id)).toEqual(['protection.create', 'protection.remove']);
    expect((await post(target, await stage.bundle(A), { notBefore: '2099-01-01T00:00:00Z' })).body.status).toBe(
      'scheduled',
    );
    await approve(id, (await shown(id)).plan);
    await comes(id, 'succeeded');
  });

  test('is voided when its target leads elsewhere by then', async () => {
    const { labels } = await protect();
    const target = name();
    await stage.target(target, labels);
    const { id } = (await post(target, await stage.bundle(A))).body;
    await approve(id, (await shown(id)).plan);
    const other = await createTestDatabase(anyServer());
    onTestFinished(() => other.drop());
    await stage.call('PUT', `/v1/targets/${target}`, { body: { dsn: other.dsn } });
    const started = await worker();
    const { body } = await comes(id, 'awaiting_approval');
    await started.close({ graceMs: 0 });
    expect(body).toMatchObject({ waitingFor: { voided: expect.stringMatching(/^approved for .* now$/) as unknown } });
    expect(await other.query(`SELECT to_regclass('a') AS a`)).toEqual([{ a: null }]);
    expect(await shown(id)).toMatchObject({ basis: 'worker', steps: [{ path: 'deployment/00000-a.sql' }] });
  });

  test('that settles an interrupted file waits as well, and its answer is part of what is approved', async () => {
    const target = name();
    await stage.target(target);
    await worker();
    const bundle = await stage.bundle({
      'deployment/00000-a.sql': "-- transactional: false\nDO $$ BEGIN RAISE 'x'; END $$;",
      ...B,
    });
    const { id } = (await post(target, bundle)).body;
    await comes(id, 'needs_attention');
    await stage.call('POST', '/v1/protections', { body: { target, reason: 'From now on.' } });
    const answer = { body: { file: 'deployment/00000-a.sql', outcome: 'applied' } };
    const made = await stage.call('POST', `/v1/deployments/${id}/resolve`, answer);
    expect(made.body.status).toBe('awaiting_approval');
    expect((await eventsOf(made.body.id))[0]).toMatchObject({ data: { waitingFor: { reason: 'From now on.' } } });
    // The same answer again, while it waits, is the same deployment.
    expect((await stage.call('POST', `/v1/deployments/${id}/resolve`, answer)).body.id).toBe(made.body.id);
    const plan = await shown(made.body.id);
    expect(plan).toMatchObject({ resolution: answer.body, steps: [{ path: 'deployment/00001-b.sql' }] });
    await approve(made.body.id, plan.plan);
    const { body } = await comes(made.body.id, 'succeeded');
    expect(body).toMatchObject({ summary: { applied: ['deployment/00001-b.sql'] } });
  });

  test('takes its place by the order in which it was asked for, or waits for its time', async () => {
    const { labels } = await protect();
    const target = name();
    await stage.target(target, labels);
    const bundle = await stage.bundle(A);
    const early = (await post(target, bundle)).body.id;
    const behind = (await post(target, bundle, { dryRun: true })).body.id;
    const later = (await post(target, bundle, { notBefore: '2099-01-01T00:00:00Z' })).body.id;
    await approve(early, (await shown(early)).plan);
    expect((await get(behind)).body).toMatchObject({ waitingFor: { kind: 'predecessor', deploymentId: early } });
    await approve(later, (await shown(later)).plan);
    expect((await get(later)).body).toMatchObject({ status: 'scheduled', waitingFor: { kind: 'time' } });
    expect((await stage.call('DELETE', `/v1/targets/${target}`)).body.code).toBe('target_in_use');
  });

  test('is not to be had for a worker from before approvals', async () => {
    const { labels } = await protect();
    const target = name();
    await stage.target(target, labels);
    const { id } = (await post(target, await stage.bundle(A))).body;
    await approve(id, (await shown(id)).plan);
    const older = `UPDATE control_plane.deployments SET status = 'running', epoch = epoch + 1 WHERE id = '${id}' RETURNING id`;
    expect(await stage.control.query(older)).toEqual([]);
    expect((await get(id)).body.status).toBe('queued');
  });
});

describe('protections', () => {
  test('of others are not for a key that is limited', async () => {
    const mine = { team: 'a' };
    const limited = await key('admin', mine);
    const as = (method: string, path: string, body?: object): Promise<Reply> =>
      stage.call(method, path, { key: limited, ...(body === undefined ? {} : { body }) });
    const target = name();
    await stage.target(target);
    expect((await as('POST', '/v1/protections', { labels: {}, reason: 'r' })).body.code).toBe('target_forbidden');
    expect((await as('POST', '/v1/protections', { target, reason: 'r' })).body.code).toBe('target_unknown');
    expect((await as('POST', '/v1/protections', { target, labels: {}, reason: 'r' })).status).toBe(422);
    const other = await stage.call('POST', '/v1/protections', { body: { target, reason: 'theirs' } });
    expect((await as('DELETE', `/v1/protections/${other.body.id}`)).body.code).toBe('protection_unknown');
    expect((await as('GET', '/v1/protections')).text).not.toContain(other.body.id);
    const made = await as('POST', '/v1/protections', { labels: { ...mine, env: 'x' }, reason: 'ours' });
    expect((await as('GET', '/v1/protections')).text).toContain(made.body.id);
    for (let twice = 0; twice < 2; twice++) {
      expect((await as('DELETE', `/v1/protections/${made.body.id}`)).body).toMatchObject({ removedBy: 'admin-key' });
    }
    expect(await auditOf(made.body.id)).toEqual(['protection.create', 'protection.remove']);
    await stage.call('DELETE', `/v1/protections/${other.body.id}`);
  });
});

describe('a rollout with protected targets', () => {
  interface Fleet {
    names: string[];
    label: Record<string, string>;
  }
  /** Three targets in a line; the last two are protected. */
  async function fleet(): Promise<Fleet & { protection: string }> {
    const { labels, id } = await protect();
    const group = randomUUID().slice(0, 8);
    const names = ['0', '1', '2'].map((place) => `r${group}-${place}`);
    for (const [place, each] of names.entries()) {
      await stage.target(each, { group, ...(place === 0 ? {} : labels) });
    }
    return { names, label: { group }, protection: id };
  }
  const roll = (bundle: string, { label }: Fleet, more: object = {}): Promise<Reply> =>
    stage.call('POST', '/v1/rollouts', {
      body: { mode: 'deployment', bundle, selector: label, waves: [{ count: 1 }, 'rest'], ...more },
    });
  const look = (id: string): Promise<Reply> => stage.call('GET', `/v1/rollouts/${id}`);
  const turns = (id: string, status: string): Promise<Reply> =>
    until(
      () => look(id),
      ({ body }) => body.status === status,
    );
  const approveWave = (id: string, plan: string, more: object = {}, as = approver): Promise<Reply> =>
    stage.call('POST', `/v1/rollouts/${id}/approve`, { body: { plan, ...more }, key: as });
  const told = async (id: string): Promise<string[]> =>
    (
      await stage.control.query(
        `SELECT type FROM control_plane.rollout_events WHERE rollout_id = '${id}' ORDER BY number`,
      )
    ).map(({ type }) => String(type));

  test('does not open a wave before it is approved', async () => {
    const group = await fleet();
    await worker();
    const { id } = (await roll(await stage.bundle(A), group)).body;
    const waits = await turns(id, 'awaiting_approval');
    expect(waits.body).toMatchObject({
      wave: 1,
      counts: { succeeded: 1, pending: 2 },
      waitingFor: { kind: 'wave_approval', wave: 2, count: 2, targets: group.names.slice(1), reason: 'Production.' },
    });
    const plan = await shown(id, 'rollouts');
    expect(plan).toMatchObject({
      wave: 2,
      targets: 2,
      plans: [{ targets: group.names.slice(1), basis: 'never_seen', steps: [{ path: 'deployment/00000-a.sql' }] }],
    });
    for (const [reply, status, code] of [
      [await approveWave(id, plan.plan, {}, stage.adminKey), 403, 'role_too_low'],
      [await approveWave(id, 'f'.repeat(64)), 409, 'approval_plan_moved'],
      [await approveWave(id, plan.plan, { wave: 3 }), 409, 'approval_not_awaited'],
      [await approveWave(id, plan.plan, {}, await key('approver', { group: 'no' })), 404, 'rollout_unknown'],
    ] as const) {
      expect(reply).toMatchObject({ status, body: { code } });
    }
    for (let twice = 0; twice < 2; twice++) expect((await approveWave(id, plan.plan, { wave: 2 })).status).toBe(200);
    const done = await turns(id, 'succeeded');
    expect(done.body).toMatchObject({ counts: { succeeded: 3 }, waitingFor: null });
    expect(await auditOf(id)).toEqual(['rollout.create', 'rollout.approve']);
    expect((await told(id)).filter((type) => /appr/.test(type))).toEqual(['awaiting_approval', 'approved']);
    const { body } = await stage.call('GET', `/v1/deployments?rollout=${id}`);
    expect(body.items.map((item) => (item as unknown as { approval: unknown }).approval === null)).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('whose wave has begun has the deployment of a target that is protected since wait by itself', async () => {
    const group = randomUUID().slice(0, 8);
    const [first = '', second = ''] = ['0', '1'].map((place) => `r${group}-${place}`);
    for (const each of [first, second]) await stage.target(each, { group });
    const bundle = await stage.bundle(A);
    const wanted = { targets: [first, second], selector: undefined, waves: ['rest'], maxParallel: 1 };
    const { id } = (await roll(bundle, { names: [], label: {} }, wanted)).body;
    const made = await stage.call('POST', '/v1/protections', { body: { target: second, reason: 'From now on.' } });
    await worker();
    const waitsFor = (reply: Reply): { kind?: string; wave?: number | null } =>
      (reply.body as unknown as { waitingFor: { kind: string } | null }).waitingFor ?? {};
    const held = await until(
      () => look(id),
      (reply) => waitsFor(reply).kind === 'wave_approval',
    );
    expect(held.body).toMatchObject({ status: 'running', waitingFor: { wave: null, count: 1, targets: [second] } });
    const listed = await stage.call('GET', `/v1/rollouts/${id}/targets`);
    expect(listed.body.items[1]).toMatchObject({
      target: second,
      waitingFor: { kind: 'approval', protection: made.body.id },
    });
    const { body } = await stage.call('GET', `/v1/deployments?rollout=${id}&status=awaiting_approval`);
    const waiting = body.items[0]?.id ?? '';
    expect((await eventsOf(waiting))[0]).toMatchObject({
      type: 'awaiting_approval',
      data: { rollout: id, waitingFor: { reason: 'From now on.' } },
    });
    // There is no wave to be approved, and no plan of one.
    expect(await shown(waiting, 'deployments')).toMatchObject({ basis: 'never_seen' });
    expect((await approveWave(id, 'f'.repeat(64))).body.code).toBe('approval_not_awaited');
    expect((await reject(waiting)).status).toBe(200);
    const ended = await turns(id, 'failed');
    expect(ended.body).toMatchObject({ counts: { succeeded: 1, cancelled: 1 } });
    // What comes again needs an approval again: that of its wave.
    await stage.call('POST', `/v1/rollouts/${id}/retry-failed`);
    expect((await turns(id, 'awaiting_approval')).body).toMatchObject({ waitingFor: { wave: 1, targets: [second] } });
    await stage.call('POST', `/v1/rollouts/${id}/pause`);
    await turns(id, 'paused');
    await stage.call('POST', `/v1/rollouts/${id}/resume`);
    await turns(id, 'awaiting_approval');
    await approveWave(id, (await shown(id, 'rollouts')).plan);
    await turns(id, 'succeeded');
  });

  test('that is rejected is cancelled; one whose protection is removed goes on', async () => {
    const group = await fleet();
    await worker();
    const bundle = await stage.bundle(A);
    const { id } = (await roll(bundle, group)).body;
    await turns(id, 'awaiting_approval');
    const no = { body: { reason: 'Not yet.' }, key: approver };
    for (let twice = 0; twice < 2; twice++) {
      expect((await stage.call('POST', `/v1/rollouts/${id}/reject`, no)).body).toMatchObject({
        status: 'cancelled',
        reason: { by: 'approver-key', reason: 'approver-key rejected it: Not yet.' },
      });
    }
    expect(await auditOf(id)).toEqual(['rollout.create', 'rollout.reject']);
    const { id: second } = (await roll(bundle, group)).body;
    await turns(second, 'awaiting_approval');
    await stage.call('DELETE', `/v1/protections/${group.protection}`);
    await turns(second, 'succeeded');
  });

  test('waits anew after a resume with a mended bundle, and for each target whose plan is another', async () => {
    const group = await fleet();
    await worker();
    const bad = await stage.bundle({ ...A, 'deployment/00001-b.sql': 'INSERT INTO nowhere VALUES (1);' });
    const { id } = (await roll(bad, group, { failureBudget: { count: 1 }, maxParallel: 1 })).body;
    await turns(id, 'awaiting_approval');
    await approveWave(id, (await shown(id, 'rollouts')).plan);
    await turns(id, 'stopped');
    const mended = await stage.bundle({ ...A, ...B });
    await stage.call('POST', `/v1/rollouts/${id}/resume`, { body: { bundle: mended } });
    const waits = await turns(id, 'awaiting_approval');
    expect(waits.body).toMatchObject({ bundle: mended, waitingFor: { wave: 2, count: 2 } });
    const plan = await shown(id, 'rollouts');
    // One of them was seen by now, and has the first file.
    expect(plan).toMatchObject({ plans: [{ steps: [{}] }, { steps: [{}, {}] }] });
    // As if that had not been known when it was approved.
    await stage.control.query(`UPDATE control_plane.target_ledgers SET files = '[]' WHERE target_id =
      (SELECT id FROM control_plane.targets WHERE name = '${group.names[1]}')`);
    await approveWave(id, (await shown(id, 'rollouts')).plan);
    const held = await until(
      () => look(id),
      ({ body }) => (body as unknown as { waitingFor: { kind?: string } | null }).waitingFor?.kind === 'wave_approval',
    );
    expect(held.body).toMatchObject({
      status: 'running',
      waitingFor: { wave: null, count: 1, targets: [group.names[1]] },
    });
    expect(await told(id)).toContain('target_awaiting_approval');
    const { body } = await stage.call('GET', '/v1/deployments?status=awaiting_approval');
    const waiting = body.items.find((item) => (item as unknown as { rollout: string }).rollout === id)?.id ?? '';
    await approve(waiting, (await shown(waiting)).plan);
    await turns(id, 'succeeded');
    expect(await told(id)).toContain('target_approved');
  });
});
