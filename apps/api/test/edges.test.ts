import { createHash } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, readStream, type Stage } from './support/service-stage.ts';

let stage: Stage;
let good: string;
beforeAll(async () => {
  stage = await openStage(anyServer());
  good = await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE a (id integer);' });
  await stage.target('one', { team: 'a' });
});
afterAll(() => stage.close());

const post = (body: unknown, key = stage.adminKey) => stage.call('POST', '/v1/deployments', { body, key });

test.each([
  ['GET', '/v1/deployments?createdAfter=0000-01-01T00:00:00Z', undefined],
  ['GET', `/v1/targets?cursor=${Buffer.from('{"name":"a\\u0000"}').toString('base64url')}`, undefined],
  ['PUT', '/v1/targets/lone', { dsnEnv: 'LONE_DSN', labels: { a: '\ud800' } }],
  ['POST', '/v1/keys', { name: '\ud800', role: 'viewer' }],
  ['POST', '/v1/keys', { name: 'k', role: 'viewer', expiresAt: '0000-01-01T00:00:00Z' }],
  ['POST', '/v1/deployments', { target: 'one', mode: 'deployment', bundle: '0', notBefore: '0000-01-01T00:00:00Z' }],
  ['POST', '/v1/bundles', { files: [{ path: 'deployment/00000-a.sql', content: 'a\u0000b' }] }],
  ['POST', '/v1/bundles', { files: [{ path: 'deployment/00000-a.sql', content: "SELEC '\ud800'" }] }],
  [
    'POST',
    '/v1/bundles',
    { files: [{ path: 'deployment/00000-a.sql', content: `SELEC ${'x'.repeat(100)} '\u0001' \u{10ffff}` }] },
  ],
  ['POST', '/v1/bundles', { files: [{ path: 'create/1-a/order.json', content: '{"\\u0000.sql": 1}' }] }],
])('no input makes the service fail: %s %s %j', async (method, path, body) => {
  const reply = await stage.call(method, path, { body });
  expect(reply.status, reply.text).toBeLessThan(500);
});

test('a large file in base64', async () => {
  const contentBase64 = Buffer.from(`SELECT '${'x'.repeat(2_500_000)}';`).toString('base64');
  const reply = await stage.call('POST', '/v1/bundles', {
    body: { files: [{ path: 'deployment/00000-a.sql', contentBase64 }] },
  });
  expect(reply.status, reply.text).toBe(201);
});

test('server folders that are not there', async () => {
  const other = await openStage(anyServer(), { sqlRoot: '/nowhere/at-all' });
  try {
    await other.target('one');
    const reply = await other.call('POST', '/v1/deployments', { body: { target: 'one', mode: 'deployment' } });
    expect(reply.status, reply.text).toBe(422);
    expect(reply.text).not.toContain('/nowhere');
  } finally {
    await other.close();
  }
});

test('watching behind the last event of a final deployment ends', async () => {
  const { body } = await post({ target: 'one', mode: 'deployment', bundle: good });
  await stage.call('POST', `/v1/deployments/${body.id}/cancel`);
  const events = await readStream(stage, `/v1/deployments/${body.id}/events`);
  const last = events.at(-1)?.id ?? '';
  const rest = await stage.call('GET', `/v1/deployments/${body.id}/events`, { headers: { 'last-event-id': last } });
  expect(rest.status).toBe(204);
});

test('a limited admin reaches no further than its labels', async () => {
  const key = (
    await stage.call('POST', '/v1/keys', { body: { name: 'team admin', role: 'admin', labels: { team: 'a' } } })
  ).body.key;
  expect((await stage.call('GET', '/v1/keys', { key })).status).toBe(403);
  expect((await stage.call('GET', '/v1/audit', { key })).status).toBe(403);
  const { items } = (await stage.call('GET', '/v1/keys')).body;
  const boot = items.find((item: { name: string }) => item.name === 'bootstrap');
  expect((await stage.call('DELETE', `/v1/keys/${boot?.id}`, { key })).status).toBe(403);
});

test('an event that is committed late is not lost to who watches all', async () => {
  // Two connections take numbers; the first commits last.
  const first = await stage.control.connect();
  const { body } = await post({ target: 'one', mode: 'deployment', bundle: good });
  const insert = `INSERT INTO control_plane.events (deployment_id, number, type) VALUES ('${body.id}', $1, $2)`;
  await first.query('BEGIN');
  await first.query(insert, [1000, 'late']);
  await stage.control.query(insert, [1001, 'early']);
  const [{ before } = { before: '0' }] = await stage.control.query<{ before: string }>(
    `SELECT (max(id) - 2)::text AS before FROM control_plane.events`,
  );
  let opened = false;
  const seen = readStream(stage, '/v1/events', {
    lastEventId: before,
    enough: (events) => {
      opened ||= events.some((event) => event.type === 'early');
      return events.some((event) => event.type === 'late');
    },
  });
  while (!opened) await pause(20);
  await first.query('COMMIT');
  expect((await seen).map((event) => event.type)).toContain('late');
});

test('too many requests', async () => {
  const other = await openStage(anyServer(), { rateLimitPerMinute: 2 });
  try {
    for (let i = 0; i < 2; i++) expect((await other.call('GET', '/v1/targets')).status).toBe(200);
    const reply = await other.call('GET', '/v1/targets');
    expect(reply).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
  } finally {
    await other.close();
  }
});

test('a reader that falls behind gets everything all the same', async () => {
  const { body } = await post({ target: 'one', mode: 'deployment', bundle: good });
  await stage.control.query(
    `INSERT INTO control_plane.events (deployment_id, number, type, data)
     SELECT $1, n, 'notice', jsonb_build_object('message', repeat('x', 1000)) FROM generate_series(2, 6000) n`,
    [body.id],
  );
  await stage.control.query('UPDATE control_plane.deployments SET last_event = 6000 WHERE id = $1', [body.id]);
  await stage.call('POST', `/v1/deployments/${body.id}/cancel`);
  const numbers: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const r = request(
      `${stage.api.url}/v1/deployments/${body.id}/events`,
      { headers: { authorization: `Bearer ${stage.adminKey}` } },
      (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('id: ')) numbers.push(Number(line.slice(4)));
          if (numbers.length % 500 > 0) return;
          response.pause();
          setTimeout(() => response.resume(), 50);
        });
        response.on('end', resolve);
        response.on('error', reject);
      },
    );
    r.on('error', reject);
    r.end();
  });
  expect(numbers).toEqual(Array.from({ length: 6001 }, (_, i) => i + 1));
});

test('one key has only so many streams open at once', async () => {
  const { body } = await post({ target: 'one', mode: 'deployment', bundle: good });
  const requests: ClientRequest[] = [];
  const open = (): Promise<number> =>
    new Promise((resolve) => {
      const opened = request(
        `${stage.api.url}/v1/deployments/${body.id}/events`,
        { headers: { authorization: `Bearer ${stage.adminKey}` } },
        (response) => resolve(response.statusCode ?? 0),
      );
      requests.push(opened);
      opened.on('error', () => resolve(0));
      opened.end();
    });
  const statuses = await Promise.all(Array.from({ length: 505 }, open));
  expect(statuses.filter((status) => status === 200)).toHaveLength(500);
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  for (const opened of requests) opened.destroy();
  // The places are given back.
  for (let status = 429; status !== 200; ) {
    status = await open();
    await pause(20);
  }
});

test('what is missing, and what may be meant, is told wherever it stands', async () => {
  const bundle = await stage.call('POST', '/v1/bundles', {
    body: { files: [{ path: 'deployment/00000-a.sql', contnt: '' }] },
  });
  expect(bundle).toMatchObject({ status: 422 });
  expect(bundle.body.errors).toContainEqual({
    in: 'body',
    path: 'files.0.contnt',
    message: 'There is no such field: did you mean content?',
  });
  const deployment = await post({ mode: 'deploymnt' });
  expect(deployment.body.errors).toEqual([
    { in: 'body', path: 'target', message: 'Is missing.' },
    {
      in: 'body',
      path: 'mode',
      message: 'Is to be one of create, deployment, manual-deployment. Did you mean deployment?',
    },
  ]);
});

test('the style of the reference page is the one that its policy lets through', async () => {
  const { text, headers } = await stage.call('GET', '/docs', { key: null });
  const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${digest}'`);
});
