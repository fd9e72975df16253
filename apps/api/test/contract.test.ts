import { SignInCodes } from '@postgres-manager/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { anyServer } from '../../../test-support/servers.ts';
import type { AnyRoute } from '../src/http/route.ts';
import { ROUTES } from '../src/routes/index.ts';
import { openStage, readStream, type Stage, until } from './support/service-stage.ts';

const signInCodes = new SignInCodes();
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer(), { signInCodes });
});
afterAll(() => stage.close());

test('every documented call answers as its document says', async () => {
  const called = new Set<string>();
  const check: Check = async (operationId, path, body, key): Promise<Record<string, unknown>> => {
    const declared = ROUTES.find((candidate) => candidate.operationId === operationId) as AnyRoute;
    called.add(operationId);
    const reply = await stage.call(declared.method.toUpperCase(), path, {
      ...(body === undefined ? {} : { body }),
      ...(key === undefined ? {} : { key }),
    });
    const documented = declared.responses[reply.status];
    if (documented === undefined) throw new Error(`${operationId} answered ${reply.status}: ${reply.text}`);
    // Strict: what is answered and not documented is a fault too.
    if (documented.schema !== undefined) {
      const parsed = documented.schema.safeParse(reply.body);
      if (!parsed.success) throw new Error(`${operationId}: ${z.prettifyError(parsed.error)}`);
      expect(parsed.data, operationId).toEqual(reply.body);
    }
    return { ...reply.body };
  };
  await stage.target('local', { env: 'test' });
  await check('putTarget', '/v1/targets/local', { labels: { env: 'x' } });
  await check('listTargets', '/v1/targets?label=env:x');
  const { digest } = await check('storeBundle', '/v1/bundles', {
    files: [{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }],
  });
  await check('getTarget', `/v1/targets/local?bundle=${String(digest)}`);
  await check('getBundle', `/v1/bundles/${String(digest)}`);
  await check('listBundles', '/v1/bundles');
  await check('getBundleFile', `/v1/bundles/${String(digest)}/file?path=deployment/00000-a.sql`);
  await check('compareBundles', `/v1/bundles/${String(digest)}/diff?from=${String(digest)}`);
  const { id } = await check('createDeployment', '/v1/deployments', {
    target: 'local',
    mode: 'deployment',
    bundle: digest,
  });
  await check('listDeployments', '/v1/deployments');
  await check('exportDeployments', '/v1/deployments/export?format=json');
  await check('getDeployment', `/v1/deployments/${String(id)}`);
  await check('cancelDeployment', `/v1/deployments/${String(id)}/cancel`);
  const { id: retried } = await check('retryDeployment', `/v1/deployments/${String(id)}/retry`);
  await check('cancelDeployment', `/v1/deployments/${String(retried)}/cancel`);
  await stage.call('POST', '/v1/deployments', { body: { target: 'local', mode: 'deployment', bundle: digest } });
  await check('getQueue', '/v1/queue?lines=1');
  await check('getQueueDepth', '/v1/queue/depth?hours=1');
  await checkResolve(check);
  for (const event of await readStream(stage, `/v1/deployments/${String(id)}/events`)) {
    expect(ROUTES.find((r) => r.operationId === 'watchDeployment')?.responses[200]?.schema?.parse(event.data)).toEqual(
      event.data,
    );
  }
  called.add('watchDeployment');
  await check('listDeploymentEvents', `/v1/deployments/${String(id)}/events/page`);
  const all = await readStream(stage, '/v1/events', { lastEventId: '0', enough: (events) => events.length >= 4 });
  expect(all.length).toBeGreaterThanOrEqual(4);
  called.add('watchAll');
  const { id: frozen } = await check('createFreeze', '/v1/freezes', { labels: { env: 'none' }, reason: 'r' });
  await check('listFreezes', '/v1/freezes?all=true');
  await check('liftFreeze', `/v1/freezes/${String(frozen)}`);
  await checkApprovals(check, String(digest));
  await check('getFleet', `/v1/fleet?bundle=${String(digest)}`);
  await check('getFleetFiles', `/v1/fleet/files?bundle=${String(digest)}&last=100`);
  const { id: rolled } = await check('createRollout', '/v1/rollouts', {
    mode: 'deployment',
    bundle: digest,
    selector: {},
    window: { from: '00:00', to: '00:00' },
  });
  const rollout = `/v1/rollouts/${String(rolled)}`;
  await check('listRollouts', '/v1/rollouts?status=running');
  await check('getRollout', rollout);
  await check('listRolloutTargets', `${rollout}/targets`);
  await check('getRolloutProgress', `${rollout}/progress`);
  await check('listRolloutEvents', `${rollout}/events/page?limit=1`);
  await check('pauseRollout', `${rollout}/pause`);
  await check('resumeRollout', `${rollout}/resume`, {});
  await check('retryFailedRollout', `${rollout}/retry-failed`);
  expect((await stage.call('POST', `${rollout}/promote`)).body.code).toBe('rollout_not_steerable');
  expect((await stage.call('POST', `${rollout}/skip`, { body: { targets: ['x'], reason: 'r' } })).body.code).toBe(
    'rollout_target_unknown',
  );
  called.add('promoteRollout').add('skipRollout');
  await check('cancelRollout', `${rollout}/cancel`, { reason: 'enough' });
  for (const event of await readStream(stage, `${rollout}/events`)) {
    expect(ROUTES.find((r) => r.operationId === 'watchRollout')?.responses[200]?.schema?.parse(event.data)).toEqual(
      event.data,
    );
  }
  called.add('watchRollout');
  const dry = { mode: 'deployment', bundle: digest, targets: ['local'], dryRun: true };
  await check('getRollout', `/v1/rollouts/${String((await check('createRollout', '/v1/rollouts', dry))['id'])}`);
  await stage.call('POST', `/v1/rollouts/${(await stage.call('GET', '/v1/rollouts')).body.items[0]?.id}/cancel`);
  await checkWebhooks(check);
  const { id: keyId } = await check('createKey', '/v1/keys', { name: 'k', role: 'viewer' });
  await check('listKeys', '/v1/keys');
  await check('revokeKey', `/v1/keys/${String(keyId)}`);
  await check('getMe', '/v1/me');
  await check('signIn', '/v1/sign-in', { code: signInCodes.make() });
  await check('listWorkers', '/v1/workers');
  await check('listAudit', '/v1/audit');
  const { head } = await check('verifyAudit', '/v1/audit/verify');
  const { seq, hash } = head as { seq: string; hash: string };
  expect(await check('verifyAudit', `/v1/audit/verify?head=${seq}:${hash}`)).toMatchObject({ intact: true });
  await check('removeTarget', '/v1/targets/local');
  expect([...called].sort()).toEqual(ROUTES.map((declared) => declared.operationId).sort());
});

type Check = (operationId: string, path: string, body?: unknown, key?: string) => Promise<Record<string, unknown>>;

/** Calls that a deployer's key cannot make are made with an approver's. */
async function checkApprovals(check: Check, digest: string): Promise<void> {
  const { key } = await check('createKey', '/v1/keys', { name: 'approver', role: 'approver' });
  const as = String(key);
  const { id: protection } = await check('createProtection', '/v1/protections', { target: 'local', reason: 'r' });
  await check('listProtections', '/v1/protections?all=true');
  await check('getTarget', '/v1/targets/local');
  const wanted = { target: 'local', mode: 'deployment', bundle: digest };
  const { id } = await check('createDeployment', '/v1/deployments', wanted);
  const path = `/v1/deployments/${String(id)}`;
  const { plan } = await check('getDeploymentApproval', `${path}/approval`);
  await check('approveDeployment', `${path}/approve`, { plan }, as);
  await check('getDeployment', path);
  await check('cancelDeployment', `${path}/cancel`);
  const { id: second } = await check('createDeployment', '/v1/deployments', wanted);
  await check('rejectDeployment', `/v1/deployments/${String(second)}/reject`, { reason: 'r' }, as);
  const roll = { mode: 'deployment', bundle: digest, targets: ['local'] };
  const rollout = `/v1/rollouts/${String((await check('createRollout', '/v1/rollouts', roll))['id'])}`;
  await check('getRollout', rollout);
  await check('listRolloutTargets', `${rollout}/targets`);
  const shown = await check('getRolloutApproval', `${rollout}/approval`);
  await check('approveRollout', `${rollout}/approve`, { plan: shown['plan'], wave: 1 }, as);
  await check('getRolloutApproval', `${rollout}/approval`);
  await check('cancelRollout', `${rollout}/cancel`);
  const again = `/v1/rollouts/${String((await check('createRollout', '/v1/rollouts', roll))['id'])}`;
  await check('rejectRollout', `${again}/reject`, { reason: 'r' }, as);
  await check('removeProtection', `/v1/protections/${String(protection)}`);
}

async function checkWebhooks(check: Check): Promise<void> {
  const { id } = await check('createWebhook', '/v1/webhooks', { url: 'https://hooks.example.com/in' });
  const webhook = `/v1/webhooks/${String(id)}`;
  await check('listWebhooks', '/v1/webhooks');
  await check('changeWebhook', webhook, { events: ['deployment.failed'], labels: { env: 'x' }, description: 'd' });
  await check('rotateWebhookSecret', `${webhook}/rotate-secret`);
  await check('getWebhook', webhook);
  const sent = await check('testWebhook', `${webhook}/test`);
  await check('listWebhookDeliveries', `${webhook}/deliveries?status=pending`);
  await check('getWebhookDelivery', `${webhook}/deliveries/${String(sent['id'])}`);
  await check('resendWebhookDelivery', `${webhook}/deliveries/${String(sent['id'])}/resend`);
  expect(await check('disableWebhook', `${webhook}/disable`)).toMatchObject({
    disabled: { reason: 'Switched off by hand.' },
  });
  await check('enableWebhook', `${webhook}/enable`);
  await check('removeWebhook', webhook);
}

/** A deployment in `needs_attention` shows everything that a failure may have. */
async function checkResolve(check: Check): Promise<void> {
  const files = [
    { path: 'deployment/00000-a.sql', content: "-- transactional: false\nDO $$ BEGIN RAISE 'x'; END $$;" },
  ];
  const { digest } = await check('storeBundle', '/v1/bundles', { files });
  await stage.target('stuck');
  const worker = await stage.worker();
  const made = await check('createDeployment', '/v1/deployments', {
    target: 'stuck',
    mode: 'deployment',
    bundle: digest,
  });
  const path = `/v1/deployments/${String(made['id'])}`;
  await until(
    () => stage.call('GET', path),
    ({ body }) => body.status === 'needs_attention',
  );
  await worker.close({ graceMs: 0 });
  expect(await check('getDeployment', path)).toMatchObject({ failure: { evidence: { statementsDone: 0 } } });
  await check('resolveDeployment', `${path}/resolve`, { file: 'deployment/00000-a.sql', outcome: 'not-applied' });
}

test('the document is complete, and the page shows every call', async () => {
  const { body } = await stage.call('GET', '/openapi.json', { key: null });
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths).sort()).toEqual([...new Set(ROUTES.map((declared) => declared.path))].sort());
  const { text } = await stage.call('GET', '/docs', { key: null });
  for (const declared of ROUTES) expect(text).toContain(`id="${declared.operationId}"`);
});
