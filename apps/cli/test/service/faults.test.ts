import { expect, test } from 'vitest';
import { result, rootWith, run, start } from '../server/command.ts';
import { cut, DEPLOYMENT, events, faultyService, ID, json, text } from './faulty-service.ts';

const DEPLOY = ['deploy', '--target', 'shop', '--mode', 'deployment', '--json'];
const POST = 'POST /v1/deployments';
const EVENTS = `GET /v1/deployments/${ID}/events`;
const DETAIL = `GET /v1/deployments/${ID}`;
const SUCCEEDED = {
  ...DEPLOYMENT,
  status: 'succeeded',
  summary: { result: 'succeeded', applied: ['deployment/00000-a.sql'] },
};
const STARTED = { path: 'deployment/00000-a.sql', index: 1, total: 1 };

test('a POST without an answer is sent again under the same Idempotency-Key', async () => {
  const service = await faultyService({
    [POST]: [
      cut,
      text(502, '<html>Bad gateway</html>'),
      json(503, { code: 'x' }, { 'retry-after': '0' }),
      json(202, DEPLOYMENT),
    ],
  });
  const ended = await run(DEPLOY, service.env);
  expect(ended.code).toBe(0);
  expect(result(ended)).toMatchObject({ status: 'accepted', deployment: ID });
  const keys = service.seen.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(4);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test('what has no such key is not sent twice when it may have been done', async () => {
  const service = await faultyService({ 'POST /v1/keys': [cut], [`POST /v1/deployments/${ID}/retry`]: [cut] });
  const made = await run(['keys', 'create', '--name', 'x', '--role', 'viewer', '--json'], service.env);
  expect(made.code).toBe(4);
  expect((await run(['retry', ID, '--json'], service.env)).code).toBe(4);
  expect(service.seen).toHaveLength(2);
});

test('a stream that is cut goes on behind its last event, and tells each event once', async () => {
  const service = await faultyService({
    [POST]: [json(202, DEPLOYMENT)],
    [EVENTS]: [
      events(
        [
          [1, 'queued', {}],
          [2, 'started', { attempt: 1, worker: 'w' }],
        ],
        'cut',
      ),
      text(503, ''),
      events([], 'end'),
      // A proxy that replays from the beginning all the same.
      events(
        [
          [1, 'queued', {}],
          [2, 'started', {}],
          [3, 'step_started', STARTED],
        ],
        'cut',
      ),
      events(
        [
          [4, 'step_finished', { ...STARTED, durationMs: 1 }],
          [5, 'finished', { status: 'succeeded' }],
        ],
        'end',
      ),
    ],
    [DETAIL]: [cut, json(200, SUCCEEDED)],
  });
  const ended = await run([...DEPLOY, '--wait'], service.env);
  expect(ended.code).toBe(0);
  const lines = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { number?: number });
  expect(lines.flatMap(({ number }) => number ?? [])).toEqual([1, 2, 3, 4, 5]);
  const asked = service.seen
    .filter(({ path }) => path.endsWith('/events'))
    .map(({ headers }) => headers['last-event-id']);
  expect(asked).toEqual([undefined, '2', '2', '2', '3']);
  expect(result(ended)).toMatchObject({ status: 'succeeded', applied: ['deployment/00000-a.sql'] });
});

test('a service that stays away ends the waiting with 4, and says that the deployment goes on', async () => {
  const service = await faultyService({ [POST]: [json(202, DEPLOYMENT)], [EVENTS]: [cut] });
  const ended = await run([...DEPLOY, '--wait', '--connect-timeout', '1'], service.env);
  expect(ended.code).toBe(4);
  const { failed } = result(ended) as { failed: { code: string; message: string; hint: string } };
  expect(failed.code).toBe('service_unreachable');
  expect(failed.message).toContain(`Deployment ${ID} was accepted, and goes on`);
  expect(failed.hint).toContain(`postgres-manager deployments ${ID}`);
});

test('a service that is not there, or is something else, is exit code 4', async () => {
  const env = { POSTGRES_MANAGER_SERVER: 'http://127.0.0.1:1', POSTGRES_MANAGER_KEY: 'pgm_test' };
  const away = await run(['targets', '--json', '--connect-timeout', '0.5'], env);
  expect(away.code).toBe(4);
  expect(result(away)).toMatchObject({ failed: { code: 'service_unreachable' } });
  for (const reply of [text(200, '<html>'), text(200, ''), json(200, [1]), json(200, { items: 'x', nextCursor: 3 })]) {
    const service = await faultyService({ [DETAIL]: [reply] });
    const ended = await run(['deployments', ID, '--json'], service.env);
    expect(ended.code).toBe(4);
    expect(result(ended)).toMatchObject({ failed: { code: 'service_answer' } });
  }
});

test('the key is not carried to where the service sends on', async () => {
  const elsewhere = await faultyService({ 'GET /v1/targets': [json(200, { items: [] })] });
  const service = await faultyService({
    'GET /v1/targets': [text(307, '', { location: `${elsewhere.url}/v1/targets` })],
  });
  const ended = await run(['targets', '--json'], service.env);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toContain(elsewhere.url);
  expect(elsewhere.seen).toEqual([]);
});

test('a bundle that the service names otherwise is not deployed', async () => {
  const service = await faultyService({
    'POST /v1/bundles': [json(201, { digest: '0'.repeat(64), problems: [] })],
    [POST]: [json(202, DEPLOYMENT)],
  });
  const root = await rootWith({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const ended = await run([...DEPLOY, '--bundle', root], service.env);
  expect(ended.code).toBe(4);
  expect(result(ended)).toMatchObject({ failed: { code: 'bundle_differs' } });
  expect(service.seen.map(({ path }) => path)).toEqual(['/v1/bundles']);
  expect(service.seen[0]?.headers['content-encoding']).toBe('gzip');
});

test('what the service says can not write to the terminal', async () => {
  const evil = '\u001b[2J\u009b31m\u0007evil';
  const problem = { code: evil, detail: evil, hint: evil, errors: [{ in: 'body', path: evil, message: evil }] };
  const service = await faultyService({
    'GET /v1/targets': [json(200, { items: [{ name: evil, labels: { a: evil }, host: evil }], nextCursor: null })],
    [DETAIL]: [
      json(200, {
        ...DEPLOYMENT,
        target: evil,
        failure: { message: evil, hint: evil, sourceLine: evil, line: 1, column: 2 },
      }),
    ],
    [EVENTS]: [
      events(
        [
          [1, 'notice', { severity: evil, message: evil }],
          [2, 'waiting', { holder: evil }],
          [3, 'finished', {}],
        ],
        'end',
      ),
    ],
    'GET /v1/workers': [json(422, problem)],
  });
  for (const words of [['targets'], ['deployments', ID], ['logs', ID], ['workers']]) {
    for (const more of [[], ['--json']]) {
      const ended = await run([...words, ...more], service.env);
      expect(ended.stdout + ended.stderr).toContain('evil');
      // oxlint-disable-next-line no-control-regex -- finding them is what this is for
      expect(ended.stdout + ended.stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }
  }
});

test('a list is read page by page, and a cursor that leads nowhere ends it', async () => {
  const page = (n: number, nextCursor: string | null) =>
    json(200, { items: Array.from({ length: n }, (_, i) => ({ name: `t${i}` })), nextCursor });
  const service = await faultyService({ 'GET /v1/targets': [page(200, 'a'), page(30, 'b'), page(0, 'c')] });
  const ended = await run(['targets', '--limit', '1000', '--json'], service.env);
  expect(result(ended)).toMatchObject({ count: 230, more: true });
  expect(service.seen).toHaveLength(3);
});

test('Ctrl-C before the service has answered tells how to find out', async () => {
  const service = await faultyService({ [POST]: [() => undefined] });
  const started = start([...DEPLOY, '--idempotency-key', 'k1'], service.env);
  while (service.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  started.kill('SIGINT');
  const ended = await started.ended;
  expect(ended.code).toBe(130);
  expect(ended.stdout).toContain('--idempotency-key k1');
});

test('a plain http address of another host gets a warning, one of this machine none', async () => {
  const env = { POSTGRES_MANAGER_KEY: 'pgm_test' };
  const warned = await run(['targets', '--server', 'http://192.0.2.1', '--connect-timeout', '0', '--help'], env);
  expect(warned.stderr).toBe('');
  const here = await run(['targets', '--server', 'http://127.0.0.1:1', '--connect-timeout', '0'], env);
  expect(here.stderr).toBe('');
  const there = await run(['targets', '--server', 'http://nowhere.invalid', '--connect-timeout', '0'], env);
  expect(there.stderr).toContain('nowhere.invalid is asked over http://');
});
