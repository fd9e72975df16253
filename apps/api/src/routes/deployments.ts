import { createHash } from 'node:crypto';
import {
  type Deployment,
  enterDeployment,
  enterDeploymentOnce,
  findDeployment,
  findDeploymentDetail,
  findIdempotent,
  findLacking,
  findTarget,
  type IdempotencyKey,
  isFinal,
  listDeployments,
  type NewDeployment,
  requestCancel,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { ringFor } from '../deployments/ring-for.ts';
import { traceParentOf } from '../deployments/trace-parent.ts';
import { preferredWaitMs, waitUntilFinal } from '../deployments/wait-until-final.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { type Answer, type Input, route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const params = z.strictObject({ id: schemas.id });

const deploymentBody = z
  .strictObject({
    target: schemas.targetName,
    mode: schemas.mode,
    bundle: schemas.digest.optional().describe('Left out: the server’s own folders, as they are now.'),
    dryRun: z.boolean('Is to be true or false.').default(false).describe('Only the plan: the target is not changed.'),
    priority: z
      .int('Is to be a whole number.')
      .min(-100, 'Is to be from -100 to 100.')
      .max(100, 'Is to be from -100 to 100.')
      .default(0)
      .describe('Higher goes first in the target’s line.'),
    notBefore: schemas.timestamp.optional().describe('Not to begin before then.'),
    onError: z
      .enum(['stop', 'continue'], { error: 'Is to be stop or continue.' })
      .default('stop')
      .describe('What a create does after a failed file.'),
  })
  .refine((body) => body.onError === 'stop' || body.mode === 'create', {
    message: 'Only a create goes on after a failure.',
    path: ['onError'],
  });

type Body = z.output<typeof deploymentBody>;
type PostInput = Input<unknown, unknown, Body>;

const idempotencyHeader = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, 'An Idempotency-Key has 1 to 255 printable ASCII characters.');

const POST_HEADERS = {
  'Idempotency-Key': 'The same key with the same body gives the same deployment, however often it is sent.',
  Prefer: '`wait=N`: answer when the deployment is final, or after N seconds, 60 at most.',
  traceparent: 'W3C trace context: the run belongs to this trace.',
};

export const deploymentRoutes = [
  route({
    method: 'post',
    path: '/v1/deployments',
    operationId: 'createDeployment',
    tag: 'Deployments',
    summary: 'Bring a target to a bundle',
    description: 'Answered as soon as it is recorded; a worker carries it out when its turn comes.',
    role: 'deployer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: deploymentBody,
    headers: POST_HEADERS,
    responses: {
      200: { description: 'Final within the time of `Prefer: wait`.', schema: schemas.deployment },
      202: { description: 'Recorded.', schema: schemas.deployment },
    },
    handle: async (input) => {
      const key = idempotencyKeyOf(input);
      const before = key === null ? null : await findIdempotent(input.services.db, key);
      if (before !== null) return await answer(input, before, true);
      const wanted = await wantedOf(input);
      const made = await enter(input, key, wanted);
      return await answer(input, made.deployment, made.replayed);
    },
  }),
  route({
    method: 'get',
    path: '/v1/deployments',
    operationId: 'listDeployments',
    tag: 'Deployments',
    summary: 'History, newest first',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      target: schemas.targetName.optional(),
      mode: schemas.mode.optional(),
      status: schemas.status.optional(),
      rollout: schemas.id.optional(),
      createdAfter: schemas.timestamp.optional(),
      createdBefore: schemas.timestamp.optional(),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of deployments.', schema: schemas.page(schemas.deployment) } },
    handle: async ({ query, caller, services }) => {
      const digits = z.string().regex(/^\d{1,18}$/);
      const { items, next } = await listDeployments(services.db, {
        filter: {
          target: query.target ?? null,
          mode: query.mode ?? null,
          status: query.status ?? null,
          rollout: query.rollout ?? null,
          createdAfter: query.createdAfter ?? null,
          createdBefore: query.createdBefore ?? null,
        },
        allowed: caller.labels,
        after: decodeCursor(z.strictObject({ createdMicros: digits, seq: digits }), query.cursor),
        limit: query.limit,
      });
      return { status: 200, body: { items, nextCursor: next === null ? null : encodeCursor(next) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/deployments/{id}',
    operationId: 'getDeployment',
    tag: 'Deployments',
    summary: 'Everything about one deployment',
    role: 'viewer',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The deployment.', schema: schemas.deploymentDetail } },
    handle: async ({ params: { id }, caller, services }) => {
      const detail = await findDeploymentDetail(services.db, id, caller.labels);
      if (detail === null) throw notFound('deployment of that id', 'deployment_unknown');
      return { status: 200, body: detail };
    },
  }),
  route({
    method: 'post',
    path: '/v1/deployments/{id}/cancel',
    operationId: 'cancelDeployment',
    tag: 'Deployments',
    summary: 'Cancel a deployment',
    description:
      'One that waits is cancelled at once. One that runs is `cancelling` until its backend has left the target; files applied before stay applied.',
    role: 'deployer',
    params,
    query: schemas.nothing,
    body: null,
    responses: {
      200: { description: 'Cancelled.', schema: schemas.deployment },
      202: { description: 'Being cancelled.', schema: schemas.deployment },
    },
    handle: async ({ params: { id }, caller, services }) => {
      if ((await findDeployment(services.db, id, caller.labels)) === null) {
        throw notFound('deployment of that id', 'deployment_unknown');
      }
      const cancelled = await requestCancel(services.db, id, caller.actor);
      if (cancelled === null) throw notFound('deployment of that id', 'deployment_unknown');
      services.bell.tell({ deploymentIds: [id], cancel: true });
      services.events.changed([id]);
      if (isFinal(cancelled.status)) ringFor(services, cancelled);
      return { status: isFinal(cancelled.status) ? 200 : 202, body: cancelled };
    },
  }),
  route({
    method: 'post',
    path: '/v1/deployments/{id}/retry',
    operationId: 'retryDeployment',
    tag: 'Deployments',
    summary: 'Make the same deployment again',
    description:
      'A new deployment of the same bundle, in the same mode, that refers to the old one. It carries on with what is not applied.',
    role: 'deployer',
    params,
    query: schemas.nothing,
    body: null,
    headers: { traceparent: POST_HEADERS.traceparent },
    responses: { 202: { description: 'Recorded.', schema: schemas.deployment } },
    handle: async ({ params: { id }, caller, request, services }) => {
      const old = await findDeployment(services.db, id, caller.labels);
      if (old === null) throw notFound('deployment of that id', 'deployment_unknown');
      if (!isFinal(old.status)) throw notFinal(old);
      const made = await enterDeployment(
        services.db.pool,
        {
          target: old.target,
          allowedLabels: caller.labels,
          mode: old.mode,
          bundleDigest: old.bundle,
          dryRun: old.dryRun,
          onError: old.onError,
          priority: old.priority,
          notBefore: null,
          retryOf: old.id,
          traceParent: traceParentOf(request),
        },
        caller.actor,
      );
      if (made === null) throw notFound('target of that name', 'target_unknown');
      ringFor(services, made);
      return { status: 202, body: made, headers: { location: `/v1/deployments/${made.id}` } };
    },
  }),
];

function idempotencyKeyOf({ request, body, caller }: PostInput): IdempotencyKey | null {
  const given = request.get('idempotency-key');
  if (given === undefined) return null;
  const parsed = idempotencyHeader.safeParse(given);
  if (!parsed.success) {
    throw new HttpProblem({
      status: 400,
      code: 'request_invalid',
      detail: 'The Idempotency-Key cannot be used. No deployment was made.',
      hint: 'A UUID does well.',
      errors: [{ in: 'header', path: 'idempotency-key', message: parsed.error.issues[0]?.message ?? '' }],
    });
  }
  // Of what was understood, not of the bytes: white space and order don't make another request.
  const canonical = JSON.stringify(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { owner: caller.keyId, key: parsed.data, bodySha256: createHash('sha256').update(canonical).digest() };
}

async function wantedOf(input: PostInput): Promise<NewDeployment> {
  const { body, caller, request, services } = input;
  const digest = body.bundle ?? (await services.bundles.takeServerFolders(caller.actor)).digest;
  await services.bundles.requireFit(digest, body.mode);
  if (body.mode === 'deployment') await requireApplied(body.target, digest, input);
  return {
    target: body.target,
    allowedLabels: caller.labels,
    mode: body.mode,
    bundleDigest: digest,
    dryRun: body.dryRun,
    onError: body.onError,
    priority: body.priority,
    notBefore: body.notBefore ?? null,
    retryOf: null,
    traceParent: traceParentOf(request),
  };
}

/** What the target has applied and the bundle lacks would be refused there: better told now. */
async function requireApplied(target: string, digest: string, { caller, services }: PostInput): Promise<void> {
  const lacking = await findLacking(services.db, target, digest);
  if (lacking.length === 0 || (await findTarget(services.db, target, caller.labels)) === null) return;
  throw new HttpProblem({
    status: 422,
    code: 'bundle_lacks_applied',
    detail: `Target ${target} has files applied that this bundle lacks: ${lacking.join(', ')}. No deployment was made.`,
    hint: 'The bundle is probably of an older commit: push the folders of the current one and deploy that.',
    errors: [{ in: 'body', path: 'bundle', message: `It lacks ${lacking.join(', ')}.` }],
  });
}

async function enter(
  { caller, services }: PostInput,
  key: IdempotencyKey | null,
  wanted: NewDeployment,
): Promise<{ deployment: Deployment; replayed: boolean }> {
  if (key !== null) {
    const made = await enterDeploymentOnce(services.db, key, wanted, caller.actor);
    if (made !== null) return made;
  } else {
    const deployment = await enterDeployment(services.db.pool, wanted, caller.actor);
    if (deployment !== null) return { deployment, replayed: false };
  }
  throw unknownTarget(wanted.target, Object.keys(caller.labels).length > 0);
}

async function answer(input: PostInput, deployment: Deployment, replayed: boolean): Promise<Answer> {
  const { request, services } = input;
  if (!replayed) ringFor(services, deployment);
  const headers = {
    location: `/v1/deployments/${deployment.id}`,
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  };
  const waitMs = preferredWaitMs(request.get('prefer'));
  if (waitMs === null) return { status: 202, body: deployment, headers };
  const current = await waitUntilFinal(input, deployment, waitMs);
  return {
    status: isFinal(current.status) ? 200 : 202,
    body: current,
    headers: { ...headers, 'preference-applied': `wait=${waitMs / 1000}` },
  };
}

/** A key that is limited to some targets doesn't hear whether there is such a one among the others. */
function unknownTarget(name: string, isLimited: boolean): HttpProblem {
  return new HttpProblem({
    status: isLimited ? 403 : 422,
    code: isLimited ? 'target_forbidden' : 'target_unknown',
    detail: isLimited
      ? 'There is no target of that name that this key may use. No deployment was made.'
      : `There is no target ${name}. No deployment was made.`,
    hint: 'GET /v1/targets lists those there are for this key; PUT /v1/targets/{name} registers one.',
    errors: [{ in: 'body', path: 'target', message: 'There is no such target.' }],
  });
}

function notFinal({ id, status }: Deployment): HttpProblem {
  return new HttpProblem({
    status: 409,
    code: 'deployment_not_final',
    detail: `Deployment ${id} has not ended (${status}), so there is nothing to retry. Nothing was changed.`,
    hint: 'Wait for its end, or cancel it first.',
  });
}
