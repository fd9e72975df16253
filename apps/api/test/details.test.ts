import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, readStream, type Stage, until } from './support/service-stage.ts';

interface EventPage {
  readonly items: readonly { readonly number: number; readonly type: string }[];
  readonly nextAfter: number | null;
}

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer());
});
afterAll(() => stage.close());

async function pagesOf(path: string, limit: number): Promise<EventPage['items']> {
  const items: EventPage['items'][number][] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = (await stage.call('GET', `${path}/page?after=${after}&limit=${limit}`)).body as unknown as EventPage;
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    after = page.nextAfter;
  }
  return items;
}

describe('what a dashboard looks into', () => {
  test('workers show what they have in hand, to those who may see the target', async () => {
    const worker = await stage.worker();
    const database = await stage.target('held', { env: 'live' });
    await database.query('CREATE TABLE held (id integer)');
    const blocker = await database.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE held');
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'ALTER TABLE held ADD COLUMN a integer;' });
    const body = { target: 'held', mode: 'deployment', bundle };
    const { id } = (await stage.call('POST', '/v1/deployments', { body })).body;
    const { body: workers } = await until(
      () => stage.call('GET', '/v1/workers'),
      ({ text }) => text.includes(id),
    );
    expect(workers.items).toMatchObject([{ alive: true, current: [{ deployment: id, target: 'held' }] }]);
    const limited = { name: 'l', role: 'viewer', labels: { env: 'other' } };
    const { key } = (await stage.call('POST', '/v1/keys', { body: limited })).body;
    expect((await stage.call('GET', '/v1/workers', { key })).body.items).toMatchObject([{ current: [] }]);
    expect((await stage.call('GET', `/v1/deployments/${id}/events/page`, { key })).status).toBe(404);
    await blocker.query('COMMIT');
    const { body: detail } = await until(
      () => stage.call('GET', `/v1/deployments/${id}`),
      (reply) => reply.body.status === 'succeeded',
    );
    expect(detail.attempts).toMatchObject([{ workerHost: hostname() }]);
    expect((await stage.call('GET', '/v1/workers')).body.items).toMatchObject([{ current: [] }]);

    const streamed = await readStream(stage, `/v1/deployments/${id}/events`);
    for (const limit of [1, 2, streamed.length, 500]) {
      expect(await pagesOf(`/v1/deployments/${id}/events`, limit)).toEqual(streamed.map(({ data }) => data));
    }
    await worker.close({ graceMs: 0 });
  });

  test('a rollout shows how far it was over time, and its past events page by page', async () => {
    const worker = await stage.worker();
    await stage.target('good-1', { fleet: 'f' });
    await stage.target('good-2', { fleet: 'f' });
    const bad = await stage.target('bad', { fleet: 'f' });
    await bad.query('CREATE TABLE taken (id integer)');
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE taken (id integer);' });
    const body = { mode: 'deployment', bundle, selector: { fleet: 'f' }, waves: ['rest'], failureBudget: { count: 3 } };
    const { id } = (await stage.call('POST', '/v1/rollouts', { body })).body;
    const path = `/v1/rollouts/${id}`;
    await until(
      () => stage.call('GET', path),
      (reply) => ['succeeded', 'failed'].includes(String(reply.body.status)),
    );
    const progress = (await stage.call('GET', `${path}/progress`)).body as unknown as {
      targets: number;
      points: { at: string; succeeded: number; failed: number }[];
    };
    expect(progress.targets).toBe(3);
    expect(progress.points).toHaveLength(101);
    expect(progress.points[0]).toMatchObject({ succeeded: 0, failed: 0 });
    expect(progress.points.at(-1)).toMatchObject({ succeeded: 2, failed: 1 });
    const sums = progress.points.map(({ succeeded, failed }) => succeeded + failed);
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
    const streamed = await readStream(stage, `${path}/events`);
    expect(await pagesOf(`${path}/events`, 2)).toEqual(streamed.map(({ data }) => data));
    await worker.close({ graceMs: 0 });
  });
});
