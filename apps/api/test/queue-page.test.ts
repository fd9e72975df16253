import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Reply, type Stage } from './support/service-stage.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const NAME = 'postgres_manager_queue_page';

const made = async (stage: Stage, body: Record<string, unknown>): Promise<{ id: string; key: string }> =>
  (await stage.call('POST', '/v1/keys', { body: { name: 'k', ...body } })).body;

describe('the queue’s own page', () => {
  let stage: Stage;
  let cookie: string;

  beforeAll(async () => {
    stage = await openStage(anyServer(), { queuePage: true });
    cookie = await opened(stage.adminKey);
  });
  afterAll(() => stage.close());

  const open = (key: string): Promise<Reply> => stage.call('POST', '/v1/queue-page', { key });
  const opened = async (key: string): Promise<string> => {
    const reply = await open(key);
    expect(reply.status).toBe(204);
    return (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  };
  const look = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> =>
    stage.call(method, path, { key: null, headers });

  test('is there for an admin who has asked for it, and shows the queue', async () => {
    const page = await look('/queues', { ...BROWSER, cookie });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<base href="/queues/" />');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    await stage.call('PUT', '/v1/targets/shown', { body: { dsnEnv: 'SHOWN' } });
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    const body = { target: 'shown', mode: 'deployment', bundle };
    const { id } = (await stage.call('POST', '/v1/deployments', { body })).body;
    await expect
      .poll(async () => (await look('/queues/api/queues?activeQueue=x&page=1', { cookie })).text)
      .toMatch(/"waiting":1,.*"readOnlyMode":true/);
    const listed = await look(`/queues/api/queues/${encodeURIComponent('postgres-manager-deployments')}/${id}-0`, {
      cookie,
    });
    expect(listed.text).toContain(`"data":{"deploymentId":"${id}"}`);
  });

  test('is there for nobody else', async () => {
    const paths = ['/queues', '/queues/', '/Queues/api/queues', '/queues/static/js/main.js', '/queues/nowhere'];
    const wrong = [{}, { cookie: `${NAME}=${'a'.repeat(43)}` }, { authorization: `Bearer ${stage.adminKey}` }];
    for (const path of paths) {
      for (const headers of wrong) {
        const reply = await look(path, headers);
        expect([path, reply.status, reply.body.code]).toEqual([path, 401, 'queue_page_closed']);
      }
    }
    const page = await look('/queues', BROWSER);
    expect([page.status, page.text.includes('opened from the dashboard')]).toEqual([401, true]);
    // Of this path alone: elsewhere the cookie opens nothing.
    expect((await look('/v1/targets', { cookie })).status).toBe(401);
  });

  test('is opened by an admin’s key that is limited to no targets, and by no other', async () => {
    const keys = [{ role: 'viewer' }, { role: 'deployer' }, { role: 'admin', labels: { env: 'test' } }];
    for (const body of keys) {
      const { key } = await made(stage, body);
      const reply = await open(key);
      expect([body, reply.status, reply.body.code]).toEqual([body, 403, 'role_too_low']);
      expect((await stage.call('GET', '/v1/me', { key })).body).toMatchObject({ queuePage: false });
    }
    expect((await stage.call('POST', '/v1/queue-page', { key: null })).status).toBe(401);
    expect((await stage.call('GET', '/v1/me')).body).toMatchObject({ queuePage: true });
  });

  test('ends with the key', async () => {
    const { id, key } = await made(stage, { role: 'admin' });
    const mine = await opened(key);
    expect((await look('/queues/api/queues', { cookie: mine })).status).toBe(200);
    await stage.call('DELETE', `/v1/keys/${id}`);
    expect((await look('/queues/api/queues', { cookie: mine })).status).toBe(401);
  });

  test('is for reading: whatever would change something is refused before it gets there', async () => {
    const queue = '/queues/api/queues/postgres-manager-deployments';
    for (const [method, path] of [
      ['PUT', `${queue}/pause`],
      ['PUT', `${queue}/empty`],
      ['PUT', `${queue}/obliterate`],
      ['PUT', '/queues/api/queues/pause'],
      ['POST', `${queue}/add`],
      ['PATCH', `${queue}/x/update-data`],
      ['DELETE', '/queues'],
      ['OPTIONS', '/queues'],
    ] as const) {
      const reply = await look(path, { cookie }, method);
      expect([method, path, reply.status, reply.body.code]).toEqual([method, path, 405, 'method_not_allowed']);
    }
    expect((await look('/queues/nowhere', { ...BROWSER, cookie })).status).toBe(404);
  });

  test('says so in time when Redis is away', async () => {
    await stage.redis.stop();
    const reply = await look('/queues/api/queues', { cookie });
    expect(reply).toMatchObject({ status: 503, body: { code: 'queue_unavailable' } });
    expect((await look('/queues', { ...BROWSER, cookie })).status).toBe(200);
  });

  test('neither its cookies nor keys get into the log', () => {
    expect(stage.logLines.join('')).not.toContain(cookie.slice(NAME.length + 1));
    expect(stage.logLines.join('')).toContain('"route":"/queues"');
  });
});

test('where it is off there is no such path, and no cookie for it', async () => {
  const stage = await openStage(anyServer());
  try {
    expect(await stage.call('POST', '/v1/queue-page')).toMatchObject({ status: 404, body: { code: 'queue_page_off' } });
    expect(await stage.call('GET', '/queues')).toMatchObject({ status: 404, body: { code: 'path_unknown' } });
    expect((await stage.call('GET', '/v1/me')).body).toMatchObject({ queuePage: false });
  } finally {
    await stage.close();
  }
});
