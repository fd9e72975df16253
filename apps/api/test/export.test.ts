import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { CSV_COLUMNS } from '../src/export/deployment-rendering.ts';
import { openStage, type Stage, until } from './support/service-stage.ts';

const ROWS = 20_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer());
  const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const insert = `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, failure,
      created_at, created_by, started_at, finished_at)
    SELECT t.id, t.name, 'deployment', $1, CASE WHEN i % 100 = 0 THEN 'failed' ELSE 'succeeded' END,
      CASE WHEN i % 100 = 0 THEN '{"code":"sql_error","file":"deployment/00000-a.sql","line":1,"sqlstate":"42601","message":"=HYPERLINK(\\"x\\"), and\\nmore"}'::jsonb END,
      now() - i * interval '1 second', 'test', now() - i * interval '1 second', now() - i * interval '1 second' + interval '20 ms'
    FROM control_plane.targets t, generate_series(1, $2) i WHERE t.name = $3`;
  await stage.target('many', { env: 'live' });
  await stage.control.query(insert, [bundle, ROWS, 'many']);
  await stage.target('few', { env: 'other' });
  await stage.control.query(insert, [bundle, 3, 'few']);
  await stage.control.query('ANALYZE');
});
afterAll(() => stage.close());

const lines = (text: string): string[] => text.split('\r\n').slice(0, -1);

describe('history as a file', () => {
  test('has every row that the filters leave, once, under a name to save it by', async () => {
    const reply = await stage.call('GET', '/v1/deployments/export?target=many');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment; filename="deployments-[\dTZ-]+\.csv"$/);
    const [head, ...rows] = lines(reply.text);
    expect(head).toBe(CSV_COLUMNS.join(','));
    expect(rows).toHaveLength(ROWS);
    expect(new Set(rows.map((row) => row.slice(0, 36))).size).toBe(ROWS);
    const failed = lines((await stage.call('GET', '/v1/deployments/export?target=many&status=failed')).text);
    expect(failed).toHaveLength(1 + ROWS / 100);
    expect(failed[1]).toContain(`"'=HYPERLINK(""x""), and\nmore"`);
    expect(failed[1]).toContain(',20,');
  });

  test('as JSON has what the list has, and is as empty', async () => {
    const listed = await stage.call('GET', '/v1/deployments?target=few');
    const reply = await stage.call('GET', '/v1/deployments/export?target=few&format=json');
    expect(reply.headers.get('content-disposition')).toContain('.json"');
    expect(reply.body).toEqual(listed.body.items);
    expect((await stage.call('GET', '/v1/deployments/export?target=none&format=json')).body).toEqual([]);
  });

  test('shows a limited key its own targets alone, and takes the filters of the list', async () => {
    const limited = { name: 'l', role: 'viewer', labels: { env: 'other' } };
    const { key } = (await stage.call('POST', '/v1/keys', { body: limited })).body;
    expect(lines((await stage.call('GET', '/v1/deployments/export', { key })).text)).toHaveLength(4);
    for (const wrong of ['format=xls', 'cursor=x', 'status=x', 'createdAfter=x']) {
      expect((await stage.call('GET', `/v1/deployments/export?${wrong}`)).status).toBe(400);
    }
  });

  test('a key has two under way at most; a reader that leaves gives its place back', async () => {
    const open = (): Promise<() => void> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${stage.adminKey}` };
        const request = httpRequest(`${stage.api.url}/v1/deployments/export`, { headers }, (response) => {
          // Nothing is read: the answer fills the buffers and waits.
          response.pause();
          response.on('error', () => undefined);
          resolve(() => response.destroy());
        });
        request.on('error', reject).end();
      });
    const leave = [await open(), await open()];
    const third = await stage.call('GET', '/v1/deployments/export?target=few');
    expect(third).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    for (const each of leave) each();
    await until(
      () => stage.call('GET', '/v1/deployments/export?target=few'),
      ({ status }) => status === 200,
    );
    expect(stage.logLines.join('')).not.toContain('An export was cut off.');
  });

  test('a key that is revoked brings no more', async () => {
    const { key, id } = (await stage.call('POST', '/v1/keys', { body: { name: 'r', role: 'viewer' } })).body;
    const ended = new Promise<boolean>((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}` };
      const request = httpRequest(`${stage.api.url}/v1/deployments/export`, { headers }, (response) => {
        response.pause();
        response.on('error', () => undefined);
        response.on('close', () => resolve(response.complete));
        stage.call('DELETE', `/v1/keys/${id}`).then(() => response.resume(), reject);
      });
      request.on('error', reject).end();
    });
    expect(await ended).toBe(false);
    expect(stage.logLines.join('')).toContain('An export was cut off.');
  });
});
