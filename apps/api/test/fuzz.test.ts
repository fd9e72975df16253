import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longRun } from '../../../test-support/long-run.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Stage } from './support/service-stage.ts';

let stage: Stage;
let digest: string;
let finished: string;
let rollout: string;
beforeAll(async () => {
  stage = await openStage(anyServer(), { logLevel: 'silent' });
  await stage.target('one', { env: 'test' });
  digest = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
  const deployment = { target: 'one', mode: 'deployment', bundle: digest };
  finished = (await stage.call('POST', '/v1/deployments', { body: deployment })).body.id;
  await stage.call('POST', `/v1/deployments/${finished}/cancel`);
  const body = { mode: 'deployment', bundle: digest, selector: {}, notBefore: '2040-01-01T00:00:00Z' };
  rollout = `/v1/rollouts/${(await stage.call('POST', '/v1/rollouts', { body })).body.id}`;
});
afterAll(() => stage.close());

const RUNS = longRun ? 20_000 : 400;
/** Good values that mutations begin from, and values that break programs. */
const NASTY = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom<unknown>(
    '\0',
    '',
    ' ',
    '../..',
    '%00',
    'a'.repeat(5000),
    -1,
    1e308,
    2 ** 53,
    null,
    [],
    {},
    '__proto__',
    '\ud800',
    '2026-13-45T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ),
);

function mutated(good: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(good)), fc.string({ maxLength: 10 })), NASTY), {
      maxLength: 3,
    })
    .map((changes) => ({ ...good, ...Object.fromEntries(changes) }));
}

async function survives(method: string, path: string, body?: unknown): Promise<void> {
  const started = performance.now();
  const reply = await stage.call(method, path, body === undefined ? {} : { body });
  expect(reply.status, `${method} ${path} ${JSON.stringify(body)} → ${reply.text}`).toBeLessThan(500);
  expect(performance.now() - started).toBeLessThan(2000);
}

test('no body makes the API fail', async () => {
  const bodies = fc.oneof(
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/deployments'),
      mutated({
        target: 'one',
        mode: 'deployment',
        bundle: digest,
        dryRun: true,
        priority: 1,
        notBefore: '2030-01-01T00:00:00Z',
        onError: 'stop',
      }),
    ),
    fc.tuple(
      fc.constant('PUT'),
      fc.constant('/v1/targets/two'),
      mutated({
        dsn: 'postgres://u:p@h/d',
        labels: { a: 'b' },
        acceptPooler: true,
        lockTimeoutMs: 1,
        statementTimeoutMs: null,
      }),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/bundles'),
      mutated({ files: [{ path: 'deployment/00000-a.sql', content: 'SELECT 1' }] }),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/bundles'),
      mutated({ path: 'deployment/00000-a.sql', content: 'SELECT 1' }).map((file) => ({ files: [file] })),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constant(`/v1/deployments/${finished}/resolve`),
      mutated({ file: 'deployment/00000-a.sql', outcome: 'applied' }),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/rollouts'),
      mutated({
        mode: 'deployment',
        bundle: digest,
        targets: ['one'],
        waves: [{ count: 1 }, { percent: 10 }, { selector: { env: ['test', 'prod'] } }, 'rest'],
        maxParallel: 1,
        failureBudget: { percent: 5 },
        between: { seconds: 60 },
        window: { days: ['mon'], from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' },
        notBefore: '2030-01-01T00:00:00Z',
        dryRun: true,
      }),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/rollouts'),
      mutated({ mode: 'deployment', bundle: digest, selector: { env: 'test' }, between: 'manual' }),
    ),
    fc.tuple(
      fc.constant('POST'),
      fc.constantFrom(
        ...['pause', 'resume', 'skip', 'promote', 'retry-failed', 'cancel'].map((verb) => `${rollout}/${verb}`),
      ),
      mutated({ reason: 'r', bundle: digest, targets: ['one'], wave: 2, retryFailed: true }),
    ),
    fc.tuple(fc.constant('POST'), fc.constant('/v1/freezes'), mutated({ labels: { env: 'none' }, reason: 'r' })),
    fc.tuple(
      fc.constant('POST'),
      fc.constant('/v1/keys'),
      mutated({ name: 'k', role: 'viewer', labels: {}, expiresAt: null }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(bodies, ([method, path, body]) => survives(method, path, body)),
    { numRuns: RUNS },
  );
}, 600_000);

test('no path or query makes the API fail', async () => {
  const piece = fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('one', digest, '00000000-0000-4000-8000-000000000000'),
    )
    .map((text) => encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '')));
  const place = fc.constantFrom(
    '/v1/targets',
    '/v1/deployments',
    '/v1/bundles',
    '/v1/audit',
    '/v1/audit/verify',
    '/v1/rollouts',
    `${rollout}/targets`,
    '/v1/fleet',
    '/v1/fleet/files',
    '/v1/queue',
    '/v1/queue/depth',
    `/v1/bundles/${digest}/file`,
    `/v1/bundles/${digest}/diff`,
    `${rollout}/events/page`,
    `${rollout}/progress`,
    '/v1/deployments/export',
    '/v1/freezes',
    '/v1/keys',
    '/v1/workers',
  );
  const field = fc.constantFrom(
    'target',
    'mode',
    'status',
    'cursor',
    'limit',
    'createdAfter',
    'createdBefore',
    'label',
    'rollout',
    'bundle',
    'subject',
    'head',
    'state',
    'wave',
    'all',
    'last',
    'lines',
    'hours',
    'path',
    'from',
    'after',
    'format',
  );
  const paths = fc
    .tuple(place, fc.option(piece), fc.array(fc.tuple(field, piece), { maxLength: 3 }))
    .map(
      ([base, name, query]) =>
        `${base}${name === null ? '' : `/${name}`}?${query.map(([key, value]) => `${key}=${value}`).join('&')}`,
    );
  await fc.assert(
    fc.asyncProperty(paths, (path) => survives('GET', path)),
    { numRuns: RUNS },
  );
}, 600_000);
