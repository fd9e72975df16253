import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Reply, type Stage, until } from './support/service-stage.ts';

const STUCK = 'deployment/00001-call.sql';
/** The second file is half done whenever it is run while the gate is shut. */
const FILES = {
  'deployment/00000-a.sql': `CREATE TABLE gate (); CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN
    COMMIT; IF NOT EXISTS (SELECT FROM gate) THEN RAISE 'shut'; END IF; END $$;`,
  [STUCK]: '-- transactional: false\nCALL work();',
  'deployment/00002-last.sql': 'SELECT 2;',
};

let stage: Stage;
let digest: string;
beforeAll(async () => {
  stage = await openStage(anyServer());
  digest = await stage.bundle(FILES);
  await stage.worker();
});
afterAll(() => stage.close());

const final = (id: string): Promise<Reply> =>
  until(
    () => stage.call('GET', `/v1/deployments/${id}`),
    ({ body }) => ['succeeded', 'failed', 'cancelled', 'needs_attention'].includes(String(body.status)),
  );

async function deploy(target: string, body: Record<string, unknown> = {}): Promise<string> {
  const { body: made } = await stage.call('POST', '/v1/deployments', {
    body: { target, mode: 'deployment', bundle: digest, ...body },
  });
  return made.id;
}

async function stuck(target: string): Promise<string> {
  await stage.target(target, { env: 'test' });
  const id = await deploy(target);
  expect((await final(id)).body.status).toBe('needs_attention');
  return id;
}

const resolve = (id: string, outcome: string, options: { file?: string; key?: string } = {}): Promise<Reply> =>
  stage.call('POST', `/v1/deployments/${id}/resolve`, {
    body: { file: options.file ?? STUCK, outcome },
    ...(options.key === undefined ? {} : { key: options.key }),
  });

async function key(role: string, labels: Record<string, string> = {}): Promise<string> {
  return (await stage.call('POST', '/v1/keys', { body: { name: `a ${role}`, role, labels } })).body.key;
}

test('an answer makes a deployment that enters it and carries on, with event and audit row', async () => {
  const id = await stuck('one');
  const made = await resolve(id, 'applied', { key: await key('deployer', { env: 'test' }) });
  expect(made.status).toBe(202);
  expect(made.headers.get('location')).toBe(`/v1/deployments/${made.body.id}`);
  const ended = await final(made.body.id);
  expect(ended.body).toMatchObject({
    status: 'succeeded',
    retryOf: id,
    resolution: { file: STUCK, outcome: 'applied' },
    summary: { applied: ['deployment/00002-last.sql'] },
  });
  const audit = await stage.call('GET', `/v1/audit?subjectType=deployment&subject=${made.body.id}`);
  expect(audit.body.items).toMatchObject([
    {
      actor: 'a deployer',
      action: 'deployment.resolve',
      detail: { target: 'one', settles: id, file: STUCK, outcome: 'applied', evidence: { path: STUCK } },
    },
  ]);
});

test('the same answer twice is one, and another meanwhile is refused', async () => {
  const database = await stage.target('two', { env: 'test' });
  const id = await deploy('two');
  expect((await final(id)).body.status).toBe('needs_attention');
  // Somebody else holds the target, so that the answer waits.
  await database.query('SELECT pg_advisory_lock(5410961019086429714)');
  const both = await Promise.all([resolve(id, 'not-applied'), resolve(id, 'not-applied')]);
  expect(both.map(({ status }) => status)).toEqual([202, 202]);
  expect(new Set(both.map(({ body }) => body.id)).size).toBe(1);
  expect(await resolve(id, 'applied')).toMatchObject({ status: 409, body: { code: 'resolution_pending' } });
  await stage.call('POST', `/v1/deployments/${both[0].body.id}/cancel`);
  expect((await final(both[0].body.id)).body.status).toBe('cancelled');
  const other = await resolve(id, 'applied');
  expect(other.status).toBe(202);
  await database.query('SELECT pg_advisory_unlock_all()');
  expect((await final(other.body.id)).body.status).toBe('succeeded');
});

test('what cannot be answered is refused, and says why', async () => {
  const id = await stuck('three');
  expect(await resolve(id, 'applied', { file: 'deployment/00000-a.sql' })).toMatchObject({
    status: 422,
    body: { code: 'resolution_file_wrong', detail: expect.stringContaining(STUCK) as string },
  });
  expect(await resolve(id, 'done')).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
  expect((await resolve(id, 'applied', { key: await key('viewer') })).status).toBe(403);
  expect((await resolve(id, 'applied', { key: await key('deployer', { env: 'other' }) })).status).toBe(404);
  expect((await resolve('00000000-0000-4000-8000-000000000000', 'applied')).status).toBe(404);

  const edited = { ...FILES, [STUCK]: '-- transactional: false\nCALL work();\nSELECT 1;' };
  const other = await deploy('three', { bundle: await stage.bundle(edited) });
  expect((await final(other)).body.status).toBe('needs_attention');
  expect(await resolve(other, 'applied')).toMatchObject({
    status: 409,
    body: { code: 'deployment_not_resolvable', detail: expect.stringContaining('not the same file') as string },
  });

  const made = await resolve(id, 'applied');
  expect((await final(made.body.id)).body.status).toBe('succeeded');
  expect(await resolve(made.body.id, 'applied')).toMatchObject({
    status: 409,
    body: { code: 'deployment_not_resolvable' },
  });
});

test('a retry of an answer enters it once, and keeps to it', async () => {
  const id = await stuck('four');
  const made = await resolve(id, 'applied');
  await final(made.body.id);
  const again = await stage.call('POST', `/v1/deployments/${made.body.id}/retry`);
  expect(again.body).toMatchObject({ retryOf: made.body.id, resolution: { file: STUCK, outcome: 'applied' } });
  expect((await final(again.body.id)).body).toMatchObject({ status: 'succeeded', summary: { applied: [] } });
});
