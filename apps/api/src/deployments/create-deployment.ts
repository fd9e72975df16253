import { createHash } from 'node:crypto';
import {
  type Deployment,
  enterDeploymentOnce,
  findIdempotent,
  findLacking,
  findTarget,
  type IdempotencyKey,
  isFinal,
  type NewDeployment,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import type { Answer, Input } from '../http/route.ts';
import type { DeploymentBody } from './deployment-body.ts';
import { traceParentOf } from './trace-parent.ts';
import { preferredWaitMs, waitUntilFinal } from './wait-until-final.ts';

type PostInput = Input<unknown, unknown, DeploymentBody>;

/**
 * Records a deployment and rings for it: once for each Idempotency-Key. What was validated is what is recorded.
 * @throws HttpProblem for an unknown target or bundle, and for a bundle with problems in the way
 */
export async function createDeployment(input: PostInput): Promise<Answer> {
  const key = idempotencyKeyOf(input);
  const before = key === null ? null : await findIdempotent(input.services.db, key);
  if (before !== null) return await answer(input, before, true);
  const wanted = await wantedOf(input);
  const made = await enter(input, key, wanted);
  return await answer(input, made.deployment, made.replayed);
}

const idempotencyHeader = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, 'An Idempotency-Key has 1 to 255 printable ASCII characters.');

/** The key of a request that makes something; null without one. Throws HttpProblem 400 for what is no key. */
export function idempotencyKeyOf({
  request,
  body,
  caller,
}: Pick<Input<unknown, unknown, object>, 'request' | 'body' | 'caller'>): IdempotencyKey | null {
  const given = request.get('idempotency-key');
  if (given === undefined) return null;
  const parsed = idempotencyHeader.safeParse(given);
  if (!parsed.success) {
    throw new HttpProblem({
      status: 400,
      code: 'request_invalid',
      detail: 'The Idempotency-Key cannot be used. Nothing was made.',
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
    // What is known of the ledger may be out of date (a restored backup): a dry run looks anew.
    refuseLacking: body.mode === 'deployment' && !body.dryRun,
    traceParent: traceParentOf(request),
  };
}

/** Nothing was entered: because the bundle lacks what the target has applied? */
async function requireApplied(target: string, digest: string, { caller, services }: PostInput): Promise<void> {
  const lacking = await findLacking(services.db, target, digest);
  if (lacking.length === 0 || (await findTarget(services.db, target, caller.labels)) === null) return;
  throw new HttpProblem({
    status: 422,
    code: 'bundle_lacks_applied',
    detail: `Target ${target} has files applied that this bundle lacks: ${lacking.join(', ')}. No deployment was made.`,
    hint: 'The bundle is probably of an older commit: push the folders of the current one and deploy that. If the target was restored from a backup, a deployment with `dryRun` looks anew what it has.',
    errors: [{ in: 'body', path: 'bundle', message: `It lacks ${lacking.join(', ')}.` }],
  });
}

async function enter(
  input: PostInput,
  key: IdempotencyKey | null,
  wanted: NewDeployment,
): Promise<{ deployment: Deployment; replayed: boolean }> {
  const { caller, services } = input;
  if (key !== null) {
    const made = await enterDeploymentOnce(services.db, key, wanted, caller.actor);
    if (made !== null) return made;
  } else {
    const deployment = await services.entries.enter(wanted, caller.actor);
    if (deployment !== null) return { deployment, replayed: false };
  }
  await requireApplied(wanted.target, wanted.bundleDigest, input);
  throw unknownTarget(wanted.target, Object.keys(caller.labels).length > 0);
}

async function answer(input: PostInput, deployment: Deployment, replayed: boolean): Promise<Answer> {
  const { request, services } = input;
  if (!replayed) services.ringer.entered(deployment.id);
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
