import { randomUUID } from 'node:crypto';
import type { RunningWorker } from '@postgres-manager/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import { openStage, readStream, type Reply, type Stage, until } from './support/service-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer());
});
afterAll(() => stage.close());

const GOOD = { 'deployment/00000-a.sql': 'CREATE TABLE a (id integer);' };

interface Fleet {
  readonly names: readonly string[];
  readonly databases: readonly TestDatabase[];
  readonly label: string;
}

/** So many targets with a label of their own, named in their order. */
async function fleet(count: number): Promise<Fleet> {
  const label = randomUUID().slice(0, 8);
  const names = Array.from({ length: count }, (_, i) => `f${label}-${String(i).padStart(2, '0')}`);
  const databases: TestDatabase[] = [];
  for (const [i, name] of names.entries())
    databases.push(await stage.target(name, { fleet: label, half: String(i % 2) }));
  return { names, databases, label };
}

async function worker(): Promise<RunningWorker> {
  const started = await stage.worker();
  onTestFinished(() => started.close({ graceMs: 0 }));
  return started;
}

const post = (body: object, headers: Record<string, string> = {}): Promise<Reply> =>
  stage.call('POST', '/v1/rollouts', { body: { mode: 'deployment', ...body }, headers });
const get = (id: string): Promise<Reply> => stage.call('GET', `/v1/rollouts/${id}`);
const steer = (id: string, action: string, body?: object): Promise<Reply> =>
  stage.call('POST', `/v1/rollouts/${id}/${action}`, body === undefined ? {} : { body });
const comes = (id: string, status: string): Promise<Reply> =>
  until(
    () => get(id),
    (reply) => reply.body.status === status,
  );
const states = async (id: string): Promise<Record<string, string>> => {
  const { body } = await stage.call('GET', `/v1/rollouts/${id}/targets?limit=200`);
  const items = body.items as unknown as { target: string; state: string }[];
  return Object.fromEntries(items.map(({ target, state }) => [target, state]));
};

describe('a rollout', () => {
  test('is dealt out, goes wave by wave, and tells of it', async () => {
    const { names, databases, label } = await fleet(6);
    const bundle = await stage.bundle(GOOD);
    const made = await post({ bundle, selector: { fleet: label }, waves: [{ count: 1 }, { percent: 30 }, 'rest'] });
    expect(made.text).toContain('"status":"running"');
    expect(made).toMatchObject({
      status: 202,
      body: {
        status: 'running',
        targets: 6,
        waves: [
          { number: 1, selection: { count: 1 }, targets: names.slice(0, 1), counts: { started: 1 } },
          { number: 2, targets: names.slice(1, 3), counts: { pending: 2 } },
          { number: 3, targets: names.slice(3) },
        ],
      },
    });
    expect(made.headers.get('location')).toBe(`/v1/rollouts/${made.body.id}`);
    // Added later: not in it.
    await stage.target(`${names[0]}-later`, { fleet: label });
    const waiting = await stage.call('GET', `/v1/rollouts/${made.body.id}/targets`);
    expect((waiting.body.items as unknown as { waitingFor: unknown }[]).map(({ waitingFor }) => waitingFor)).toEqual([
      { kind: 'worker' },
      ...Array.from({ length: 2 }, () => ({ kind: 'wave', wave: 1 })),
      ...Array.from({ length: 3 }, () => ({ kind: 'wave', wave: 2 })),
    ]);
    await worker();
    const done = await comes(made.body.id, 'succeeded');
    expect(done.body).toMatchObject({
      counts: { succeeded: 6, pending: 0 },
      waitingFor: null,
      failed: [],
      waiting: [],
    });
    for (const database of databases) expect(await database.query('SELECT * FROM a')).toEqual([]);
    const events = await readStream(stage, `/v1/rollouts/${made.body.id}/events`);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => String(i + 1)));
    const order = events.flatMap(({ type, data: { data } }) =>
      type.startsWith('wave') ? [`${type} ${(data as { wave: number }).wave}`] : [],
    );
    expect(order).toEqual([1, 2, 3].flatMap((wave) => [`wave_started ${wave}`, `wave_finished ${wave}`]));
    expect(events.at(-1)).toMatchObject({ type: 'finished', data: { data: { status: 'succeeded' } } });
    const { body } = await stage.call('GET', `/v1/deployments?rollout=${made.body.id}`);
    expect(body.items).toHaveLength(6);
  });

  test('whose canary fails stops there, says why, and goes on to its end with a mended bundle', async () => {
    const { names, databases, label } = await fleet(5);
    const bad = await stage.bundle({ ...GOOD, 'deployment/00001-b.sql': 'INSERT INTO nowhere VALUES (1);' });
    await worker();
    const { body } = await post({ bundle: bad, selector: { fleet: label } });
    const stopped = await comes(body.id, 'stopped');
    expect(stopped.body).toMatchObject({
      counts: { failed: 1, pending: 4 },
      waitingFor: { kind: 'resume', reason: 'A target has failed, and the budget is 0.' },
      reason: { by: null },
      failed: [
        {
          sqlstate: '42P01',
          file: 'deployment/00001-b.sql',
          line: 1,
          column: 13,
          sourceLine: 'INSERT INTO nowhere VALUES (1);',
          count: 1,
          targets: [names[0]],
        },
      ],
      waiting: [{ waitingFor: { kind: 'resume' }, count: 4 }],
    });
    const [{ deployment }] = (stopped.body as unknown as { failed: [{ deployment: string }] }).failed;
    expect((await stage.call('GET', `/v1/deployments/${deployment}`)).body).toMatchObject({
      target: names[0],
      rollout: body.id,
      status: 'failed',
    });
    const metrics = await until(
      () => stage.call('GET', '/metrics', { key: null }),
      (reply) => /rollouts_unfinished\{status="stopped"\} [1-9]/.test(reply.text),
    );
    expect(metrics.text).toContain('postgres_manager_freezes_standing 0');
    // Changing what is applied on the canary is refused; mending what is not, is right.
    const wrong = await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE a (id bigint);' });
    const refused = await steer(body.id, 'resume', { bundle: wrong });
    expect(refused).toMatchObject({ status: 409, body: { code: 'bundle_changes_applied' } });
    expect(refused.body.detail).toContain(`deployment/00000-a.sql on ${names[0]}`);
    const mended = await stage.bundle({ ...GOOD, 'deployment/00001-b.sql': 'CREATE TABLE b (id integer);' });
    expect((await steer(body.id, 'resume', { bundle: mended })).body).toMatchObject({
      status: 'running',
      bundle: mended,
    });
    const done = await comes(body.id, 'succeeded');
    expect(done.body).toMatchObject({ bundles: [{ digest: bad }, { digest: mended }], counts: { succeeded: 5 } });
    for (const database of databases) expect(await database.query('SELECT * FROM b')).toEqual([]);
    const audit = await stage.call('GET', '/v1/audit?limit=200');
    const actions = audit.body.items as unknown as { action: string; subject: string; detail: object }[];
    expect(actions.find((row) => row.action === 'rollout.resume' && row.subject === body.id)?.detail).toMatchObject({
      bundle: mended,
      bundleBefore: bad,
      retried: 1,
    });
  });

  test('with a budget goes on past failures, ends as failed, and retries those alone', async () => {
    const { names, databases, label } = await fleet(6);
    for (const i of [1, 4]) await databases[i]?.query('CREATE TABLE a (taken integer)');
    const bundle = await stage.bundle(GOOD);
    await worker();
    const { body } = await post({ bundle, selector: { fleet: label }, failureBudget: { count: 2 } });
    const failed = await comes(body.id, 'failed');
    expect(failed.body).toMatchObject({
      counts: { succeeded: 4, failed: 2 },
      failed: [{ sqlstate: '42P07', count: 2, targets: [names[1], names[4]] }],
    });
    for (const i of [1, 4]) await databases[i]?.query('DROP TABLE a');
    expect((await steer(body.id, 'retry-failed')).body.status).toBe('running');
    await steer(body.id, 'retry-failed');
    await comes(body.id, 'succeeded');
    const { body: list } = await stage.call('GET', `/v1/deployments?rollout=${body.id}`);
    expect(list.items).toHaveLength(8);
  });

  test('waits for a person between waves, pauses, skips, and is cancelled with what runs', async () => {
    const { names, label } = await fleet(5);
    const slow = await stage.bundle({ 'deployment/00000-sleep.sql': 'SELECT pg_sleep(60);' });
    const quick = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    await worker();
    const first = await post({
      bundle: quick,
      selector: { fleet: label },
      waves: [{ count: 1 }, 'rest'],
      between: 'manual',
    });
    const { id } = first.body;
    const gate = await until(
      () => get(id),
      (reply) => (reply.body as { waitingFor?: object }).waitingFor !== null,
    );
    expect(gate.body).toMatchObject({ status: 'running', wave: 1, waitingFor: { kind: 'promotion', wave: 2 } });
    expect(await steer(id, 'promote', { wave: 3 })).toMatchObject({
      status: 409,
      body: { code: 'rollout_not_steerable' },
    });
    expect((await steer(id, 'pause', { reason: 'lunch' })).body).toMatchObject({
      status: 'paused',
      reason: { reason: 'lunch' },
    });
    expect((await steer(id, 'pause')).status).toBe(200);
    expect((await steer(id, 'skip', { targets: [names[4]], reason: 'being moved' })).status).toBe(200);
    expect((await steer(id, 'skip', { targets: [names[0]], reason: 'no' })).status).toBe(409);
    expect((await steer(id, 'skip', { targets: ['nobody'], reason: 'no' })).status).toBe(404);
    expect((await steer(id, 'resume')).body).toMatchObject({ status: 'running', waitingFor: { kind: 'promotion' } });
    expect((await steer(id, 'promote')).body).toMatchObject({ wave: 2 });
    await comes(id, 'succeeded');
    expect(await states(id)).toMatchObject({ [names[4] ?? '']: 'skipped', [names[3] ?? '']: 'succeeded' });

    const { body } = await post({
      bundle: slow,
      selector: { fleet: label },
      waves: ['rest'],
      maxParallelPerServer: 2,
      acceptTrouble: true,
    });
    await until(
      () => stage.call('GET', `/v1/deployments?rollout=${body.id}`),
      (reply) =>
        reply.body.items.filter(({ status }) => status === 'failed').length > 0 ||
        reply.body.items.some(({ status }) => status === 'running'),
    );
    expect((await steer(body.id, 'cancel', { reason: 'enough' })).status).toBe(200);
    const cancelled = await comes(body.id, 'cancelled');
    expect(cancelled.body).toMatchObject({ counts: { pending: 0, started: 0 }, reason: { reason: 'enough' } });
  });

  test('refuses what does not work out, all faults at once, and nothing is made', async () => {
    const { names, label } = await fleet(2);
    const bundle = await stage.bundle(GOOD);
    const unknown = await post({ bundle, targets: [names[0], 'nobody', 'noone'] });
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ path: 'targets.1' }, { path: 'targets.2' }] } });
    const left = await post({ bundle, selector: { fleet: label }, waves: [{ selector: { half: '7' } }, { count: 1 }] });
    expect(left).toMatchObject({ status: 422, body: { errors: [{ path: 'waves.0' }, { path: 'waves' }] } });
    const wild = await post({
      between: 'never',
      window: { from: '25:00', to: '04:00', timeZone: 'Mars' },
      maxParallel: 0,
    });
    expect(wild.body.errors.map(({ path }) => path).sort()).toEqual(
      ['between', 'maxParallel', 'window.from', 'window.timeZone'].sort(),
    );
    expect((await stage.call('GET', `/v1/rollouts/${randomUUID()}`)).status).toBe(404);
    expect((await post({ bundle, selector: { fleet: 'none' } })).body.errors[0]?.path).toBe('selector');
  });

  test('starts nothing outside its window, and says when that opens', async () => {
    const { names, label } = await fleet(2);
    const bundle = await stage.bundle(GOOD);
    const later = new Date(Date.now() + 2 * 86_400_000);
    const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][later.getUTCDay()];
    const window = { days: [day], from: '10:00', to: '11:00', timeZone: 'UTC' };
    const { body } = await post({ bundle, selector: { fleet: label }, window });
    const until = `${later.toISOString().slice(0, 10)}T10:00:00.000Z`;
    const told = { kind: 'window', until, reason: 'Outside the window nothing is started.' };
    expect(body).toMatchObject({ status: 'running', counts: { pending: 2 }, waitingFor: told });
    const targets = await stage.call('GET', `/v1/rollouts/${body.id}/targets`);
    expect(targets.body.items).toMatchObject(names.map((target) => ({ target, waitingFor: told })));
    expect((await steer(body.id, 'cancel')).body).toMatchObject({ status: 'cancelled', counts: { cancelled: 2 } });
    expect((await stage.call('GET', `/v1/deployments?rollout=${body.id}`)).body.items).toEqual([]);
  });

  test('says before it begins which targets are known to be in trouble', async () => {
    const { names, label } = await fleet(2);
    await worker();
    const both = await stage.bundle({ ...GOOD, 'deployment/00001-b.sql': 'SELECT 1;' });
    await stage.call('POST', '/v1/deployments', {
      body: { target: names[1], mode: 'deployment', bundle: both },
      headers: { prefer: 'wait=30' },
    });
    const older = await stage.bundle(GOOD);
    const refused = await post({ bundle: older, selector: { fleet: label } });
    expect(refused).toMatchObject({ status: 422, body: { code: 'targets_in_trouble' } });
    expect(refused.text).toContain(`${names[1]}: applied there, and not in the bundle: deployment/00001-b.sql.`);
    const forced = await post({
      bundle: older,
      selector: { fleet: label },
      acceptTrouble: true,
      failureBudget: { count: 1 },
    });
    expect((await comes(forced.body.id, 'failed')).body).toMatchObject({ failed: [{ code: 'missing_file' }] });
  });

  test('that is dry tells what each target needs by its real ledger, and changes none', async () => {
    const { names, databases, label } = await fleet(6);
    await worker();
    const bring = async (i: number, bundle: string): Promise<void> => {
      const body = { target: names[i], mode: 'deployment', bundle };
      await stage.call('POST', '/v1/deployments', { body, headers: { prefer: 'wait=30' } });
    };
    const file = (n: number): string => `deployment/0000${n}-f.sql`;
    const upTo = (n: number, first = 'SELECT 1;'): Promise<string> =>
      stage.bundle(
        Object.fromEntries(Array.from({ length: n + 1 }, (_, i) => [file(i), i === 0 ? first : 'SELECT 2;'])),
      );
    for (const i of [0, 1]) await bring(i, await upTo(1));
    await bring(2, await upTo(0));
    await bring(3, await upTo(2));
    await bring(4, await upTo(1, 'SELECT 0;'));
    await stage.call('PUT', `/v1/targets/${names[5]}`, { body: { dsn: 'postgres://nobody:x@127.0.0.1:1/nowhere' } });
    const { body } = await post({ bundle: await upTo(2), selector: { fleet: label }, dryRun: true });
    const done = await until(
      () => get(body.id),
      (reply) => reply.body.status === 'failed',
      30_000,
    );
    const { plan } = done.body as unknown as { plan: { kind: string; files: string[]; targets: string[] }[] };
    expect(plan.map(({ kind, files, targets }) => ({ kind, files, targets }))).toEqual([
      { kind: 'changed', files: [], targets: [names[4]] },
      { kind: 'unreachable', files: [], targets: [names[5]] },
      { kind: 'needs', files: [file(2)], targets: [names[0], names[1]] },
      { kind: 'behind', files: [file(1), file(2)], targets: [names[2]] },
      { kind: 'current', files: [], targets: [names[3]] },
    ]);
    const ledger = await databases[2]?.query('SELECT count(*)::int AS files FROM postgres_manager.ledger');
    expect(ledger).toEqual([{ files: 1 }]);
  });

  test('leaves a fleet in which the odd one out is seen at once', async () => {
    const { names, label } = await fleet(4);
    await worker();
    const bundle = await stage.bundle({ ...GOOD, 'deployment/00001-b.sql': 'CREATE TABLE b (id integer);' });
    const ask = async (): Promise<Reply> => stage.call('GET', `/v1/fleet?bundle=${bundle}&label=fleet:${label}`);
    expect((await ask()).body).toMatchObject({
      count: 4,
      states: { never_seen: 4 },
      byFingerprint: [{ fingerprint: null }],
    });
    const { body } = await post({ bundle: await stage.bundle(GOOD), targets: [names[3]] });
    await comes(body.id, 'succeeded');
    const all = await post({ bundle, targets: names.slice(0, 3) });
    await comes(all.body.id, 'succeeded');
    expect((await ask()).body).toMatchObject({
      states: { current: 3, behind: 1 },
      byFingerprint: [
        { count: 3, ordinal: 1, targets: names.slice(0, 3) },
        { count: 1, ordinal: 0, targets: [names[3]] },
      ],
      byLabel: [
        { label: 'fleet', count: 4, fingerprints: 2 },
        { label: 'half', value: '0', fingerprints: 1 },
        { label: 'half', value: '1', fingerprints: 2 },
      ],
      targets: [{}, {}, {}, { target: names[3], state: 'behind', pending: 1, lastFile: 'deployment/00000-a.sql' }],
    });
    const behind = await stage.call('GET', `/v1/fleet?bundle=${bundle}&label=fleet:${label}&state=behind`);
    expect((behind.body as unknown as { targets: object[] }).targets).toHaveLength(1);
  });

  test('starts nothing on what is frozen, says why wherever something waits, and goes on when that is lifted', async () => {
    const { names, label } = await fleet(4);
    const bundle = await stage.bundle(GOOD);
    await worker();
    const freeze = (body: object): Promise<Reply> => stage.call('POST', '/v1/freezes', { body });
    const half = await freeze({ labels: { fleet: label, half: '1' }, reason: 'an incident' });
    expect(half.status).toBe(201);
    const told = { kind: 'freeze', freeze: half.body.id, reason: 'an incident', by: 'bootstrap' };
    // A single deployment, one of a rollout, and the rollout itself; who is not frozen goes on.
    const single = await stage.call('POST', '/v1/deployments', {
      body: { target: names[1], mode: 'deployment', bundle },
    });
    const { body } = await post({ bundle, selector: { fleet: label }, waves: ['rest'] });
    const stuck = await until(
      () => get(body.id),
      (reply) => (reply.body as unknown as { waitingFor: { kind: string } | null }).waitingFor?.kind === 'freeze',
    );
    expect(stuck.body).toMatchObject({ status: 'running', counts: { succeeded: 2, pending: 2 }, waitingFor: told });
    expect((await stage.call('GET', `/v1/deployments/${single.body.id}`)).body).toMatchObject({
      status: 'queued',
      waitingFor: told,
    });
    const targets = await stage.call('GET', `/v1/rollouts/${body.id}/targets?state=pending`);
    expect(targets.body.items).toMatchObject([{ waitingFor: told }, { waitingFor: told }]);
    // A dry run changes nothing, and is not held up but by its place in the line.
    const dry = await post({ bundle, targets: [names[3]], dryRun: true });
    await comes(dry.body.id, 'succeeded');
    const lifted = await stage.call('DELETE', `/v1/freezes/${half.body.id}`);
    expect(lifted.body).toMatchObject({ liftedBy: 'bootstrap' });
    await comes(body.id, 'succeeded');
    await until(
      () => stage.call('GET', `/v1/deployments/${single.body.id}`),
      (reply) => reply.body.status === 'succeeded',
    );
    // Over all of a rollout: it does not begin.
    const whole = await freeze({ labels: { fleet: label }, reason: 'the holidays' });
    const held = await post({ bundle, selector: { fleet: label } });
    expect(held.body).toMatchObject({
      status: 'running',
      counts: { pending: 4 },
      waitingFor: { reason: 'the holidays' },
    });
    await stage.call('DELETE', `/v1/freezes/${whole.body.id}`);
    await comes(held.body.id, 'succeeded');
    // Whoever is limited to some targets may freeze no others.
    const { key } = (
      await stage.call('POST', '/v1/keys', { body: { name: 'k', role: 'deployer', labels: { half: '1' } } })
    ).body;
    const refused = await stage.call('POST', '/v1/freezes', { body: { reason: 'all' }, key });
    expect(refused).toMatchObject({ status: 403, body: { code: 'target_forbidden' } });
    expect((await stage.call('DELETE', `/v1/freezes/${whole.body.id}`, { key })).status).toBe(404);
    expect((await stage.call('GET', '/v1/freezes', { key })).body.items).toEqual([]);
  });

  test('is one for each Idempotency-Key', async () => {
    const { label } = await fleet(1);
    const bundle = await stage.bundle(GOOD);
    const key = { 'idempotency-key': randomUUID() };
    const body = { bundle, selector: { fleet: label } };
    const all = await Promise.all(Array.from({ length: 5 }, () => post(body, key)));
    const ids = new Set(all.filter(({ status }) => status === 202).map((reply) => reply.body.id));
    expect(ids.size).toBe(1);
    expect((await post(body, key)).headers.get('idempotent-replayed')).toBe('true');
    expect(await post({ ...body, priority: 1 }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  test('is seen by a limited key only when all its targets are', async () => {
    const { label } = await fleet(2);
    const bundle = await stage.bundle(GOOD);
    const { body } = await post({ bundle, selector: { fleet: label } });
    const keyFor = async (labels: object): Promise<string> =>
      (await stage.call('POST', '/v1/keys', { body: { name: 'k', role: 'deployer', labels } })).body.key;
    const path = `/v1/rollouts/${body.id}`;
    expect((await stage.call('GET', path, { key: await keyFor({ fleet: label }) })).status).toBe(200);
    const half = await keyFor({ half: '0' });
    expect((await stage.call('GET', path, { key: half })).status).toBe(404);
    expect((await stage.call('POST', `${path}/cancel`, { key: half })).status).toBe(404);
    const own = await stage.call('POST', '/v1/rollouts', {
      body: { mode: 'deployment', bundle, selector: { fleet: label } },
      key: half,
    });
    expect(own.body).toMatchObject({ targets: 1 });
  });
});
