import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, readStream, type Stage, until } from './support/service-stage.ts';

const GOOD = {
  'deployment/00000-a.sql': 'CREATE TABLE a (id integer);',
  'deployment/00001-b.sql': 'CREATE TABLE b (id integer);',
};
const BAD = { ...GOOD, 'deployment/00002-c.sql': 'SELECT 1;\nINSERT INTO nowhere VALUES (1);' };

let stage: Stage;
let good: string;
beforeAll(async () => {
  stage = await openStage(anyServer());
  good = await stage.bundle(GOOD);
});
afterAll(() => stage.close());

const unique = (): string => `t-${randomUUID()}`;

describe('with a worker', () => {
  test('a deployment goes from its POST to its history: steps, events, the target’s state', async () => {
    const worker = await stage.worker();
    const target = unique();
    const database = await stage.target(target, { env: 'test' });
    const posted = await stage.call('POST', '/v1/deployments', {
      body: { target, mode: 'deployment', bundle: good },
      headers: { prefer: 'wait=30' },
    });
    expect(posted.text).toContain('"status":"succeeded"');
    expect(posted).toMatchObject({
      status: 200,
      body: { status: 'succeeded', summary: { applied: Object.keys(GOOD) } },
    });
    expect(posted.headers.get('preference-applied')).toBe('wait=30');
    expect(await database.query('SELECT * FROM a')).toEqual([]);
    const path = `/v1/deployments/${posted.body.id}`;
    const detail = await stage.call('GET', path);
    expect(detail.body.steps.map((step) => step.status)).toEqual(['applied', 'applied']);
    expect(detail.body.attempts).toHaveLength(1);
    const events = await readStream(stage, `${path}/events`);
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => String(i + 1)));
    expect(events.at(0)?.type).toBe('queued');
    expect(events.at(-1)).toMatchObject({ type: 'finished', data: { data: { status: 'succeeded' } } });
    const resumed = await readStream(stage, `${path}/events`, { lastEventId: '2' });
    expect(resumed.map((event) => event.id)).toEqual(events.slice(2).map((event) => event.id));
    const seen = await stage.call('GET', `/v1/targets/${target}?bundle=${good}`);
    expect(seen.body).toMatchObject({ ledger: { applied: 2 }, comparison: { pending: [], changed: [], missing: [] } });
    const older = await stage.bundle({ 'deployment/00000-a.sql': GOOD['deployment/00000-a.sql'] });
    const lacking = await stage.call('POST', '/v1/deployments', {
      body: { target, mode: 'deployment', bundle: older },
    });
    expect(lacking).toMatchObject({ status: 422, body: { code: 'bundle_lacks_applied' } });
    expect(lacking.text).toContain('deployment/00001-b.sql');
    await worker.close({ graceMs: 1000 });
  });

  test('a broken file is told with its place, and a retry of a mended bundle carries on', async () => {
    const worker = await stage.worker();
    const target = unique();
    await stage.target(target);
    const bad = await stage.bundle(BAD);
    const failed = await stage.call('POST', '/v1/deployments', {
      body: { target, mode: 'deployment', bundle: bad },
      headers: { prefer: 'wait=30' },
    });
    expect(failed.body).toMatchObject({
      status: 'failed',
      failure: { file: 'deployment/00002-c.sql', line: 2, column: 13, sqlstate: '42P01', code: 'sql_error' },
    });
    expect((await stage.call('GET', `/v1/targets/${target}?bundle=${bad}`)).body.comparison.pending).toEqual([
      'deployment/00002-c.sql',
    ]);
    const retried = await stage.call('POST', `/v1/deployments/${failed.body.id}/retry`);
    expect(retried).toMatchObject({ status: 202, body: { retryOf: failed.body.id } });
    await until(
      () => stage.call('GET', `/v1/deployments/${retried.body.id}`),
      (reply) => reply.body.status === 'failed',
    );
    await worker.close({ graceMs: 1000 });
  });

  test('those who wait come one after the other, also when the head of the line is cancelled', async () => {
    const target = unique();
    await stage.target(target);
    const body = { target, mode: 'deployment', bundle: good };
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await stage.call('POST', '/v1/deployments', { body })).body.id);
    expect((await stage.call('POST', `/v1/deployments/${ids[0]}/cancel`)).status).toBe(200);
    const worker = await stage.worker();
    const ends = await until(
      () => stage.call('GET', `/v1/deployments?target=${target}`),
      (reply) => reply.body.items.every((item) => ['cancelled', 'succeeded'].includes(item.status)),
    );
    expect(ends.body.items.map((item) => item.status)).toEqual(['succeeded', 'succeeded', 'cancelled']);
    await worker.close({ graceMs: 1000 });
  });

  test('a running statement is cancelled, and the watchers of everything hear of it', async () => {
    const worker = await stage.worker();
    const target = unique();
    await stage.target(target);
    const slow = await stage.bundle({ 'deployment/00000-sleep.sql': 'SELECT pg_sleep(60);' });
    let id = '';
    const all = readStream(stage, '/v1/events', {
      enough: (events) => events.some((event) => event.type === 'finished' && event.data['deploymentId'] === id),
    });
    id = (await stage.call('POST', '/v1/deployments', { body: { target, mode: 'deployment', bundle: slow } })).body.id;
    await until(
      () => stage.call('GET', `/v1/deployments/${id}`),
      (reply) => reply.body.steps[0]?.status === 'running',
    );
    const started = performance.now();
    expect((await stage.call('POST', `/v1/deployments/${id}/cancel`)).status).toBe(202);
    await until(
      () => stage.call('GET', `/v1/deployments/${id}`),
      (reply) => reply.body.status === 'cancelled',
    );
    expect(performance.now() - started).toBeLessThan(5000);
    expect((await stage.call('POST', `/v1/deployments/${id}/cancel`)).body).toMatchObject({
      status: 409,
      code: 'deployment_final',
    });
    expect((await all).length).toBeGreaterThan(2);
    await worker.close({ graceMs: 1000 });
  });
});

describe('without a worker', () => {
  test('fifty POSTs at once under one Idempotency-Key make one deployment', async () => {
    const target = unique();
    await stage.target(target);
    const headers = { 'idempotency-key': randomUUID() };
    const body = { target, mode: 'deployment', bundle: good };
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => stage.call('POST', '/v1/deployments', { body, headers })),
    );
    const ids = new Set(replies.filter((reply) => reply.status === 202).map((reply) => reply.body.id));
    expect(ids.size).toBe(1);
    for (const reply of replies) expect([202, 409]).toContain(reply.status);
    const replay = await stage.call('POST', '/v1/deployments', { body, headers });
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    const other = await stage.call('POST', '/v1/deployments', { body: { ...body, dryRun: true }, headers });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect((await stage.call('GET', `/v1/deployments?target=${target}`)).body.items).toHaveLength(1);
    expect((await stage.call('DELETE', `/v1/targets/${target}`)).body.code).toBe('target_in_use');
    const [id] = ids;
    expect(await stage.call('POST', `/v1/deployments/${id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect((await stage.call('DELETE', `/v1/targets/${target}`)).status).toBe(204);
  });

  test('history is read page by page, by filters', async () => {
    const target = unique();
    await stage.target(target);
    for (let i = 0; i < 5; i++)
      await stage.call('POST', '/v1/deployments', { body: { target, mode: 'deployment', bundle: good } });
    const first = await stage.call('GET', `/v1/deployments?target=${target}&status=queued&limit=3`);
    expect(first.body.items).toHaveLength(3);
    expect(first.body.items[0]?.waitingFor?.kind).toBe('predecessor');
    const second = await stage.call(
      'GET',
      `/v1/deployments?target=${target}&status=queued&limit=3&cursor=${first.body.nextCursor}`,
    );
    expect(second.body).toMatchObject({ nextCursor: null });
    expect(new Set([...first.body.items, ...second.body.items].map((item) => item.id)).size).toBe(5);
    expect((await stage.call('GET', '/v1/deployments?cursor=nonsense')).status).toBe(400);
  });

  test('a bundle is the same under any order, gzip or base64, and its problems are told', async () => {
    const files = Object.entries(GOOD).map(([path, content]) => ({
      path,
      contentBase64: Buffer.from(content).toString('base64'),
    }));
    const again = await stage.call('POST', '/v1/bundles', { body: { files: files.toReversed() } });
    expect(again).toMatchObject({ status: 200, body: { digest: good, problems: [] } });
    const zipped = await fetch(`${stage.api.url}/v1/bundles`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stage.adminKey}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(JSON.stringify({ files })),
    });
    expect(await zipped.json()).toMatchObject({ digest: good });
    const faulty = await stage.call('POST', '/v1/bundles', {
      body: { files: [{ path: 'deployment/00007-x.sql', content: 'SELEC 1' }] },
    });
    expect(faulty.body.problems.map((p) => p.rule).sort()).toEqual(['ordinal-gap', 'syntax']);
    const target = unique();
    await stage.target(target);
    const refused = await stage.call('POST', '/v1/deployments', {
      body: { target, mode: 'deployment', bundle: faulty.body.digest },
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'bundle_invalid', problems: [{}, {}] } });
    expect((await stage.call('GET', `/v1/bundles/${good}`)).body).toMatchObject({
      digest: good,
      files: [{ path: 'deployment/00000-a.sql' }, {}],
    });
  });

  test.each([
    ['../../etc/passwd', 'bundle_path_invalid'],
    ['/deployment/00000-a.sql', 'bundle_path_invalid'],
    ['deployment/../create/x.sql', 'bundle_path_invalid'],
    ['deployment\\00000-a.sql', 'bundle_path_invalid'],
  ])('a path such as %s is refused', async (path, code) => {
    const reply = await stage.call('POST', '/v1/bundles', { body: { files: [{ path, content: '' }] } });
    expect(reply).toMatchObject({ status: 422, body: { code } });
  });

  test('without a bundle the server’s own folders are taken', async () => {
    const target = unique();
    await stage.target(target);
    const reply = await stage.call('POST', '/v1/deployments', { body: { target, mode: 'deployment' } });
    expect(reply.status).toBe(202);
    const bundle = await stage.call('GET', `/v1/bundles/${reply.body.bundle}`);
    expect(bundle.body.files.length).toBeGreaterThan(3);
  });
});

describe('bad input', () => {
  test('all faults of a request are told at once, with what may be meant', async () => {
    const reply = await stage.call('POST', '/v1/deployments', {
      body: { target: 'no good name!', mode: 'deploy', bundel: good, priority: 'high', dryRun: 'no' },
    });
    expect(reply.status).toBe(422);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body.errors.map((fault) => fault.path).sort()).toEqual([
      'bundel',
      'dryRun',
      'mode',
      'priority',
      'target',
    ]);
    expect(reply.text).toContain('did you mean bundle?');
  });

  test.each<[string, string, { body?: unknown; raw?: string; headers?: Record<string, string> }, number, string]>([
    ['POST', '/v1/deployments', { raw: '{"target":' }, 400, 'body_not_json'],
    [
      'POST',
      '/v1/deployments',
      { raw: 'a=b', headers: { 'content-type': 'text/plain' } },
      415,
      'media_type_unsupported',
    ],
    ['POST', '/v1/deployments', { raw: JSON.stringify({ target: 'x'.repeat(300_000) }) }, 413, 'body_too_large'],
    [
      'POST',
      '/v1/deployments',
      { body: { target: 'nobody', mode: 'deployment', bundle: '0'.repeat(64) } },
      422,
      'bundle_unknown',
    ],
    ['POST', '/v1/deployments', { raw: 'null' }, 422, 'request_invalid'],
    ['GET', '/v1/deployments/not-an-id', {}, 400, 'request_invalid'],
    ['GET', `/v1/deployments/${randomUUID()}`, {}, 404, 'deployment_unknown'],
    ['GET', `/v1/deployments/${randomUUID()}/events`, {}, 404, 'deployment_unknown'],
    ['GET', '/v1/deployments?status=done', {}, 400, 'request_invalid'],
    ['GET', '/v1/deployments?nonsense=1', {}, 400, 'request_invalid'],
    ['GET', '/v1/targets/nobody', {}, 404, 'target_unknown'],
    ['PUT', '/v1/targets/new-one', { body: {} }, 422, 'request_invalid'],
    ['PUT', '/v1/targets/new-one', { body: { dsn: 'mysql://x' } }, 422, 'request_invalid'],
    ['PUT', '/v1/targets/new-one', { body: { dsnEnv: 'ENCRYPTION_KEY' } }, 422, 'request_invalid'],
    ['PATCH', '/v1/targets', {}, 405, 'method_not_allowed'],
    ['GET', '/v1/nothing', {}, 404, 'path_unknown'],
    ['GET', '/%E0%A4%A', {}, 404, 'path_unknown'],
  ])('%s %s %o', async (method, path, options, status, code) => {
    const reply = await stage.call(method, path, options);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(reply.body).toMatchObject({
      detail: expect.any(String) as unknown,
      hint: expect.any(String) as unknown,
      requestId: expect.any(String) as unknown,
    });
  });
});

describe('keys', () => {
  async function keyFor(role: string, labels: Record<string, string> = {}): Promise<string> {
    const made = await stage.call('POST', '/v1/keys', { body: { name: `${role} key`, role, labels } });
    expect(made.status).toBe(201);
    return made.body.key;
  }

  test('are asked for by every call but health', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/']) {
      expect([path, (await stage.call('GET', path, { key: null })).status]).toEqual([path, 200]);
    }
    for (const key of [null, 'pgm_wrong', `pgm_${'a'.repeat(43)}`]) {
      const reply = await stage.call('GET', '/v1/targets', { key });
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('of too low a role are refused, and revoked ones at once', async () => {
    const viewer = await keyFor('viewer');
    expect((await stage.call('GET', '/v1/deployments', { key: viewer })).status).toBe(200);
    const body = { target: 'x', mode: 'deployment', bundle: good };
    expect(await stage.call('POST', '/v1/deployments', { key: viewer, body })).toMatchObject({
      status: 403,
      body: { code: 'role_too_low' },
    });
    expect((await stage.call('GET', '/v1/keys', { key: await keyFor('deployer') })).status).toBe(403);
    const { items } = (await stage.call('GET', '/v1/keys')).body;
    expect(JSON.stringify(items)).not.toContain(viewer);
    const own = items.find((item) => viewer.startsWith(item.prefix));
    expect((await stage.call('DELETE', `/v1/keys/${own?.id ?? ''}`)).body.revokedAt).not.toBeNull();
    expect((await stage.call('GET', '/v1/deployments', { key: viewer })).status).toBe(401);
  });

  test('limited to labels see nothing of other targets, nor whether they are there', async () => {
    const [mine, other] = [unique(), unique()];
    await stage.target(mine, { team: 'a' });
    await stage.target(other, { team: 'b' });
    const key = await keyFor('deployer', { team: 'a' });
    const list = (await stage.call('GET', '/v1/targets?limit=200', { key })).body.items;
    expect(list.map((item) => item.name)).toEqual([mine]);
    const blind = async (name: string): Promise<unknown[]> => {
      const seen = await stage.call('GET', `/v1/targets/${name}`, { key });
      const posted = await stage.call('POST', '/v1/deployments', {
        key,
        body: { target: name, mode: 'deployment', bundle: good },
      });
      return [seen.status, seen.body.detail, posted.status, posted.body.detail];
    };
    expect(await blind(other)).toEqual(await blind(unique()));
    const foreign = await stage.call('POST', '/v1/deployments', {
      body: { target: other, mode: 'deployment', bundle: good },
    });
    expect((await stage.call('GET', `/v1/deployments/${foreign.body.id}`, { key })).status).toBe(404);
    expect((await stage.call('POST', `/v1/deployments/${foreign.body.id}/cancel`, { key })).status).toBe(404);
    expect(
      (await stage.call('POST', '/v1/deployments', { key, body: { target: mine, mode: 'deployment', bundle: good } }))
        .status,
    ).toBe(202);
  });
});

test('a DSN is in no answer, no log line, no audit row', async () => {
  const target = unique();
  const secret = `canary-${randomUUID()}`;
  const replies = [
    await stage.call('PUT', `/v1/targets/${target}`, { body: { dsn: `postgres://u:${secret}@127.0.0.1:1/d` } }),
    await stage.call('PUT', `/v1/targets/${target}`, { body: { dsn: `postgres://u:${secret}@127.0.0.1:notaport/d` } }),
    await stage.call('GET', `/v1/targets/${target}`),
    await stage.call('GET', '/v1/audit?limit=200'),
  ];
  expect(replies.map((reply) => reply.status)).toEqual([201, 422, 200, 200]);
  expect(replies.map((reply) => reply.text).join('\n')).not.toContain(secret);
  expect(stage.logLines.join('\n')).not.toContain(secret);
  expect(stage.logLines.join('\n')).not.toContain(stage.adminKey);
  const dump = await stage.control.query('SELECT to_jsonb(t)::text AS row FROM control_plane.targets t');
  expect(JSON.stringify(dump)).not.toContain(secret);
});
