import {
  type Deployment,
  enterResolution,
  enterResolutionAgain,
  findDeployment,
  findDeploymentDetail,
  isFinal,
  listDeployments,
  requestCancel,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { createDeployment } from '../deployments/create-deployment.ts';
import { deploymentBody } from '../deployments/deployment-body.ts';
import { deploymentQuery, filterOf } from '../deployments/deployment-query.ts';
import { traceParentOf } from '../deployments/trace-parent.ts';
import { decodeCursor, encodeCursor, placeByCreation } from '../http/cursor.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const params = z.strictObject({ id: schemas.id });

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
    handle: createDeployment,
  }),
  route({
    method: 'get',
    path: '/v1/deployments',
    operationId: 'listDeployments',
    tag: 'Deployments',
    summary: 'History, newest first',
    role: 'viewer',
    params: schemas.nothing,
    query: deploymentQuery.extend({ cursor: z.string().max(1000).optional(), limit: schemas.limit }),
    body: null,
    responses: { 200: { description: 'A page of deployments.', schema: schemas.page(schemas.deployment) } },
    handle: async ({ query, caller, services }) => {
      const { items, next } = await listDeployments(services.db, {
        filter: filterOf(query),
        allowed: caller.labels,
        after: decodeCursor(placeByCreation, query.cursor),
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
      if (isFinal(cancelled.status)) services.ringer.left(id);
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
      const again = { allowedLabels: caller.labels, traceParent: traceParentOf(request) };
      const made =
        old.resolution !== null
          ? await enterResolutionAgain(services.db, { ...again, deploymentId: old.id }, caller.actor)
          : await services.entries.enter(
              {
                ...again,
                target: old.target,
                mode: old.mode,
                bundleDigest: old.bundle,
                dryRun: old.dryRun,
                onError: old.onError,
                priority: old.priority,
                notBefore: null,
                retryOf: old.id,
              },
              caller.actor,
            );
      if (made === null) throw notFound('target of that name', 'target_unknown');
      services.ringer.entered(made.id);
      return { status: 202, body: made, headers: { location: `/v1/deployments/${made.id}` } };
    },
  }),
  route({
    method: 'post',
    path: '/v1/deployments/{id}/resolve',
    operationId: 'resolveDeployment',
    tag: 'Deployments',
    summary: 'Settle a file that only a person can judge',
    description:
      'For a deployment in `needs_attention` whose failure has `evidence` of the file. Makes a new deployment that refers to it: under the target’s lock its worker first enters the answer in the ledger, if the interruption is still the one that was shown, and then carries on with what is not applied. The same answer again, while the first is under way, gives the first.',
    role: 'deployer',
    params,
    query: schemas.nothing,
    body: z.strictObject({
      file: schemas.text(4096).describe('Its path, as the failure names it.'),
      outcome: schemas.resolution.shape.outcome.describe(
        'applied: all of its work is there. not-applied: none of it is, and it is to run again from its start.',
      ),
    }),
    headers: { traceparent: POST_HEADERS.traceparent },
    responses: { 202: { description: 'Recorded.', schema: schemas.deployment } },
    handle: async ({ params: { id }, body, caller, request, services }) => {
      if ((await findDeployment(services.db, id, caller.labels)) === null) {
        throw notFound('deployment of that id', 'deployment_unknown');
      }
      const answer = { deploymentId: id, ...body, allowedLabels: caller.labels, traceParent: traceParentOf(request) };
      const made = await enterResolution(services.db, answer, caller.actor);
      if (made === null) throw notFound('target of that name', 'target_unknown');
      const { deployment, replayed } = made;
      if (!replayed) services.ringer.entered(deployment.id);
      return { status: 202, body: deployment, headers: { location: `/v1/deployments/${deployment.id}` } };
    },
  }),
];

function notFinal({ id, status }: Deployment): HttpProblem {
  return new HttpProblem({
    status: 409,
    code: 'deployment_not_final',
    detail: `Deployment ${id} has not ended (${status}), so there is nothing to retry. Nothing was changed.`,
    hint: 'Wait for its end, or cancel it first.',
  });
}
