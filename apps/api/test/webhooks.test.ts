import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NOTHING_INTERNAL, readInternalAllowance } from '@postgres-manager/control-plane';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Reply, type Stage, until } from './support/service-stage.ts';

const LOOPBACK = { webhooksMayReach: readInternalAllowance('127.0.0.1') ?? NOTHING_INTERNAL };
const URL_WITH_TOKEN = 'https://hooks.example.com/in/token-in-the-path';

describe('webhooks over HTTP', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(anyServer());
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    const { body } = await stage.call('GET', '/v1/webhooks');
    for (const { id } of body.items) await stage.call('DELETE', `/v1/webhooks/${id}`);
  });

  const create = (body: Record<string, unknown>): Promise<Reply> => stage.call('POST', '/v1/webhooks', { body });
  const fields = ({ body }: Reply): Record<string, unknown> => ({ ...body });

  test('the secret is in the answer to the creation, and in no other', async () => {
    const made = await create({ url: URL_WITH_TOKEN });
    expect(made.status).toBe(201);
    const { secret, ...rest } = fields(made);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.headers.get('location')).toBe(`/v1/webhooks/${made.body.id}`);
    expect(rest).toEqual({
      id: made.body.id,
      url: URL_WITH_TOKEN,
      description: null,
      events: ['*'],
      labels: {},
      disabled: null,
      failingSince: null,
      restsUntil: null,
      lastSuccessAt: null,
      lastFailure: null,
      previousSecretUntil: null,
      createdAt: expect.any(String) as unknown,
      createdBy: expect.any(String) as unknown,
      updatedAt: expect.any(String) as unknown,
    });
    expect(fields(await stage.call('GET', `/v1/webhooks/${made.body.id}`))).toEqual(rest);
    expect(fields(await stage.call('GET', '/v1/webhooks'))).toEqual({ items: [rest] });
    const audit = await stage.call('GET', `/v1/audit?subjectType=webhook&subject=${made.body.id}`);
    expect(audit.text).toContain('webhook.create');
    const rows = await stage.control.query('SELECT to_jsonb(w)::text AS row FROM control_plane.webhooks w');
    const plain = String(secret).slice('whsec_'.length);
    for (const text of [audit.text, stage.logLines.join('\n'), JSON.stringify(rows)]) {
      expect(text).not.toContain(plain);
      expect(text).not.toContain(Buffer.from(plain, 'base64').toString('hex'));
    }
    expect(audit.text).not.toContain('token-in-the-path');
    expect(stage.logLines.join('\n')).not.toContain('token-in-the-path');
  });

  test('what is left out of a change stays as it is', async () => {
    const { body } = await create({ url: URL_WITH_TOKEN, labels: { env: 'prod' }, description: 'the chat' });
    const changed = await stage.call('PUT', `/v1/webhooks/${body.id}`, {
      body: { events: ['rollout.*', 'rollout.*'] },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { url: URL_WITH_TOKEN, events: ['rollout.*'], labels: { env: 'prod' }, description: 'the chat' },
    });
    await stage.control.query(
      `UPDATE control_plane.webhooks SET failures = 9, failing_since = now(), rests_until = 'infinity'
      WHERE id = $1`,
      [body.id],
    );
    const same = await stage.call('PUT', `/v1/webhooks/${body.id}`, { body: { url: URL_WITH_TOKEN } });
    expect(fields(same)['failingSince']).not.toBeNull();
    const moved = await stage.call('PUT', `/v1/webhooks/${body.id}`, { body: { url: 'https://b.example/' } });
    expect(moved.body).toMatchObject({ url: 'https://b.example/', failingSince: null, restsUntil: null });
    const bare = await stage.call('PUT', `/v1/webhooks/${body.id}`, { body: { description: null, labels: {} } });
    expect(bare.body).toMatchObject({ events: ['rollout.*'], labels: {}, description: null });
  });

  test.each([
    ['http://hooks.example.com/', 'https://'],
    ['https://127.0.0.1/', 'internal'],
    ['https://[::ffff:169.254.169.254]/', 'internal'],
    ['https://localhost/', 'internal'],
    ['https://user:canary@hooks.example.com/', 'user or password'],
  ])('%s is refused, at creation and as a change', async (url, fault) => {
    const { body } = await create({ url: URL_WITH_TOKEN });
    for (const reply of [
      await create({ url }),
      await stage.call('PUT', `/v1/webhooks/${body.id}`, { body: { url } }),
    ]) {
      expect(reply).toMatchObject({ status: 422, body: { code: 'request_invalid', errors: [{ path: 'url' }] } });
      expect(reply.text).toContain(fault);
      expect(reply.text).not.toContain('canary');
    }
  });

  test('a type that there is not is refused, with the one that is meant', async () => {
    const reply = await create({ url: URL_WITH_TOKEN, events: ['deployment.faild'] });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'events.0' }] } });
    expect(reply.text).toContain('Did you mean deployment.failed?');
  });

  test('is for admins whose key has no labels', async () => {
    const { body } = await create({ url: URL_WITH_TOKEN });
    const keys = [
      { name: 'deployer', role: 'deployer' },
      { name: 'limited', role: 'admin', labels: { env: 'prod' } },
    ];
    for (const wanted of keys) {
      const { key } = (await stage.call('POST', '/v1/keys', { body: wanted })).body;
      const paths = ['', '/deliveries', `/deliveries/${randomUUID()}`].map((path) => ['GET', path]);
      const verbs = ['enable', 'disable', 'rotate-secret', 'test', `deliveries/${randomUUID()}/resend`];
      const calls = [...paths, ['DELETE', ''], ...verbs.map((verb) => ['POST', `/${verb}`])];
      for (const [method = '', path = ''] of calls) {
        const reply = await stage.call(method, `/v1/webhooks/${body.id}${path}`, { key });
        expect({ method, path, status: reply.status }).toEqual({ method, path, status: 403 });
      }
      for (const [method, path] of [
        ['POST', ''],
        ['PUT', `/${body.id}`],
      ] as const) {
        const reply = await stage.call(method, `/v1/webhooks${path}`, { key, body: { url: URL_WITH_TOKEN } });
        expect(reply.status).toBe(403);
      }
      expect((await stage.call('GET', '/v1/webhooks', { key })).status).toBe(403);
    }
  });

  test('what is not there is said to be so', async () => {
    const { body } = await create({ url: URL_WITH_TOKEN });
    const unknown = `/v1/webhooks/${randomUUID()}`;
    for (const [method, path] of [
      ['GET', unknown],
      ['DELETE', unknown],
      ['GET', `${unknown}/deliveries`],
      ['POST', `${unknown}/enable`],
      ['POST', `${unknown}/disable`],
      ['POST', `${unknown}/rotate-secret`],
      ['POST', `${unknown}/test`],
    ] as const) {
      expect(await stage.call(method, path)).toMatchObject({ status: 404, body: { code: 'webhook_unknown' } });
    }
    const delivery = `/v1/webhooks/${body.id}/deliveries/${randomUUID()}`;
    for (const reply of [await stage.call('GET', delivery), await stage.call('POST', `${delivery}/resend`)]) {
      expect(reply).toMatchObject({ status: 404, body: { code: 'webhook_delivery_unknown' } });
    }
    // Of another webhook it is not there either.
    const { body: other } = await create({ url: URL_WITH_TOKEN });
    const sent = await stage.call('POST', `/v1/webhooks/${body.id}/test`);
    expect((await stage.call('GET', `/v1/webhooks/${other.id}/deliveries/${sent.body.id}`)).status).toBe(404);
  });

  test('deliveries come in pages, by status, newest first', async () => {
    const { body } = await create({ url: URL_WITH_TOKEN });
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) sent.unshift((await stage.call('POST', `/v1/webhooks/${body.id}/test`)).body.id);
    await stage.control.query(
      `UPDATE control_plane.webhook_deliveries SET status = 'failed', finished_at = now(), next_attempt_at = NULL WHERE id = $1`,
      [sent[2]],
    );
    const idsOf = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const next: string = cursor === null ? '' : `&cursor=${cursor}`;
        const reply: Reply = await stage.call('GET', `/v1/webhooks/${body.id}/deliveries?limit=2${query}${next}`);
        ids.push(...reply.body.items.map(({ id }) => id));
        cursor = reply.body.nextCursor;
      } while (cursor !== null);
      return ids;
    };
    expect(await idsOf('')).toEqual(sent);
    expect(await idsOf('&status=failed')).toEqual([sent[2]]);
    expect(await idsOf('&status=pending')).toEqual(sent.filter((id) => id !== sent[2]));
    expect((await stage.call('GET', `/v1/webhooks/${body.id}/deliveries?cursor=x`)).status).toBe(400);
  });

  test('the metrics tell how many are on, failing and off', async () => {
    const [off, failing] = [await create({ url: URL_WITH_TOKEN }), await create({ url: URL_WITH_TOKEN })];
    await create({ url: URL_WITH_TOKEN });
    await stage.call('POST', `/v1/webhooks/${off.body.id}/disable`);
    await stage.control.query('UPDATE control_plane.webhooks SET failing_since = now() WHERE id = $1', [
      failing.body.id,
    ]);
    const { text } = await stage.call('GET', '/metrics', { key: null });
    for (const state of ['on', 'failing', 'off'])
      expect(text).toContain(`postgres_manager_webhooks{state="${state}"} 1`);
  });

  test('there are fifty at most', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => create({ url: URL_WITH_TOKEN })));
    expect(made.every(({ status }) => status === 201)).toBe(true);
    expect(await create({ url: URL_WITH_TOKEN })).toMatchObject({ status: 409, body: { code: 'webhooks_too_many' } });
  });
});

test('a rollout is told from its beginning to its end, and its secret may be changed in between', async () => {
  const stage = await openStage(anyServer(), LOOPBACK);
  onTestFinished(() => stage.close());
  const received: { headers: Record<string, string>; body: string; type: string; data: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const message = JSON.parse(body) as { type: string; data: Record<string, unknown> };
      received.push({ ...message, body, headers: request.headers as Record<string, string> });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await stage.target('a', { env: 'test' });
  await stage.target('b', { env: 'test' });
  const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const body = { url: `http://127.0.0.1:${port}/`, events: ['rollout.*'], labels: { env: 'test' } };
  const made = await stage.call('POST', '/v1/webhooks', { body });
  const rotated = await stage.call('POST', `/v1/webhooks/${made.body.id.toUpperCase()}/rotate-secret`);
  await stage.worker(LOOPBACK);
  const request = { mode: 'deployment', bundle, selector: { env: ['test'] } };
  const { id } = (await stage.call('POST', '/v1/rollouts', { body: request })).body;
  await until(
    () => Promise.resolve(received),
    (seen) => seen.some(({ type }) => type === 'rollout.succeeded') && seen.length >= 2,
  );
  const last = received.find(({ type }) => type === 'rollout.succeeded');
  expect(received.map(({ type }) => type).sort()).toEqual(['rollout.running', 'rollout.succeeded']);
  expect(last?.data).toMatchObject({
    id,
    status: 'succeeded',
    targets: 2,
    counts: { pending: 0, started: 0, succeeded: 2, failed: 0, needsAttention: 0, cancelled: 0, skipped: 0 },
    href: `/v1/rollouts/${id}`,
  });
  for (const { body: text, headers } of received) {
    for (const given of [made, rotated]) {
      const { secret } = given.body as unknown as { secret: string };
      expect(new Webhook(secret).verify(text, headers)).toEqual(JSON.parse(text));
    }
  }
});
