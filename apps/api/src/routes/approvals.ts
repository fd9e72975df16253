import {
  approveDeployment,
  approveWave,
  findApprovable,
  findDeployment,
  findRollout,
  findWavePlan,
  isFinal,
  rejectDeployment,
  steerRollout,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import * as shapes from '../approvals/approval-schemas.ts';
import { showDeploymentPlan, showWavePlan } from '../approvals/show-plan.ts';
import { notFound } from '../http/problem.ts';
import { type Answer, type Input, route } from '../http/route.ts';
import { rollout } from '../rollouts/rollout-schemas.ts';
import * as schemas from '../schemas.ts';

const params = z.strictObject({ id: schemas.id });
const NO_DEPLOYMENT = 'deployment of that id, or its target is gone,';

export const approvalRoutes = [
  route({
    method: 'get',
    path: '/v1/deployments/{id}/approval',
    operationId: 'getDeploymentApproval',
    tag: 'Approvals',
    summary: 'What would be run if a deployment were approved',
    description: 'By what is known of its target. Approving names the digest `plan`.',
    role: 'viewer',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The plan.', schema: shapes.deploymentApproval } },
    handle: async ({ params: { id }, caller, services }) => {
      const found = await findApprovable(services.db, id, caller.labels);
      if (found === null) throw notFound(NO_DEPLOYMENT, 'deployment_unknown');
      return { status: 200, body: showDeploymentPlan(found) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/deployments/{id}/approve',
    operationId: 'approveDeployment',
    tag: 'Approvals',
    summary: 'Let a deployment run as it was shown',
    description:
      'Bound to its bundle, target, mode and plan. The worker compares before it runs anything: if the plan is another by then, the approval is void and the deployment waits again. A key that asked for it cannot approve it. Sent twice it is done once.',
    role: 'approver',
    params,
    query: schemas.nothing,
    body: shapes.approveBody,
    responses: { 200: { description: 'It takes its place in the target’s line.', schema: schemas.deployment } },
    handle: async ({ params: { id }, body, caller, services }) => {
      const request = { deploymentId: id, plan: body.plan, allowed: caller.labels };
      const approved = await approveDeployment(services.db, request, caller.actor);
      if (approved === null) throw notFound(NO_DEPLOYMENT, 'deployment_unknown');
      services.ringer.entered(id);
      services.events.changed([id]);
      if (approved.rollout !== null) services.rollouts.move(approved.rollout);
      return { status: 200, body: approved };
    },
  }),
  route({
    method: 'post',
    path: '/v1/deployments/{id}/reject',
    operationId: 'rejectDeployment',
    tag: 'Approvals',
    summary: 'Say no to a deployment that waits for an approval',
    description: 'It is `cancelled`, with the reason as its failure. Sent twice it is done once.',
    role: 'approver',
    params,
    query: schemas.nothing,
    body: shapes.rejectBody,
    responses: {
      200: { description: 'Cancelled.', schema: schemas.deployment },
      202: {
        description: 'Being cancelled: a run of a lost worker may still go on there.',
        schema: schemas.deployment,
      },
    },
    handle: async ({ params: { id }, body, caller, services }) => {
      const found = await findDeployment(services.db, id, caller.labels);
      const rejected = found === null ? null : await rejectDeployment(services.db, id, body.reason, caller.actor);
      if (rejected === null) throw notFound('deployment of that id', 'deployment_unknown');
      services.bell.tell({ deploymentIds: [id], cancel: true });
      services.events.changed([id]);
      services.ringer.left(id);
      if (rejected.rollout !== null) services.rollouts.move(rejected.rollout);
      return { status: isFinal(rejected.status) ? 200 : 202, body: rejected };
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}/approval',
    operationId: 'getRolloutApproval',
    tag: 'Approvals',
    summary: 'What would be run if the wave that waits were approved',
    description: 'For each of its protected targets, by what is known of it. Approving names the digest `plan`.',
    role: 'viewer',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The plans, the same together.', schema: shapes.rolloutApproval } },
    handle: async ({ params: { id }, caller, services }) => {
      const found = await findWavePlan(services.db, id, caller.labels);
      if (found === null) throw notFound('rollout of that id', 'rollout_unknown');
      return { status: 200, body: showWavePlan(found) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/rollouts/{id}/approve',
    operationId: 'approveRollout',
    tag: 'Approvals',
    summary: 'Let the wave that waits begin as it was shown',
    description:
      'Bound to the bundle, the protected targets of the wave, and the plan of each. A resume with another bundle voids it, and where a worker finds another plan, that target’s deployment waits by itself. Sent twice it is done once.',
    role: 'approver',
    params,
    query: schemas.nothing,
    body: shapes.approveRolloutBody,
    responses: { 200: { description: 'The rollout as it stands then.', schema: rollout } },
    handle: async (input) => {
      const { body, caller, services } = input;
      const { id } = input.params;
      const request = { rolloutId: id, plan: body.plan, wave: body.wave ?? null, allowed: caller.labels };
      const moved = await approveWave(services.db, request, caller.actor);
      if (moved !== null) services.rollouts.moved(id, moved);
      return await rolloutAsItStands(input);
    },
  }),
  route({
    method: 'post',
    path: '/v1/rollouts/{id}/reject',
    operationId: 'rejectRollout',
    tag: 'Approvals',
    summary: 'Say no to a wave that waits for an approval',
    description:
      'The rollout is cancelled, with the reason: what waits never starts, and what runs is cancelled. Sent twice it is done once.',
    role: 'approver',
    params,
    query: schemas.nothing,
    body: shapes.rejectBody,
    responses: { 200: { description: 'The rollout as it stands then.', schema: rollout } },
    handle: async (input) => {
      const { body, caller, services } = input;
      const { id } = input.params;
      await rolloutAsItStands(input);
      const moved = await steerRollout(services.db, id, { action: 'reject', reason: body.reason }, caller.actor);
      if (moved !== null) services.rollouts.moved(id, moved);
      return await rolloutAsItStands(input);
    },
  }),
];

async function rolloutAsItStands({
  params: { id },
  caller,
  services,
}: Pick<Input<z.output<typeof params>, unknown, unknown>, 'params' | 'caller' | 'services'>): Promise<Answer> {
  const found = await findRollout(services.db, id, caller.labels);
  if (found === null) throw notFound('rollout of that id', 'rollout_unknown');
  return { status: 200, body: found };
}
