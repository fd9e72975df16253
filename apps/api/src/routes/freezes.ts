import { createFreeze, hasLabels, liftFreeze, listFreezes } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const time = z.string().meta({ format: 'date-time' });
const freeze = z.object({
  id: z.string(),
  labels: z.record(z.string(), z.string()).describe('Targets that have all of these; empty: all targets.'),
  reason: z.string(),
  createdAt: time,
  createdBy: z.string(),
  liftedAt: time.nullable().describe('null while it stands.'),
  liftedBy: z.string().nullable(),
});

export const freezeRoutes = [
  route({
    method: 'post',
    path: '/v1/freezes',
    operationId: 'createFreeze',
    tag: 'Freezes',
    summary: 'Let nothing start on some targets, or on all',
    description:
      'From now on, until it is lifted: single deployments and those of rollouts wait, with the reason in their `waitingFor`. What runs goes on; dry runs are not held up.',
    role: 'deployer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: z.strictObject({
      labels: schemas.labels.default({}).describe('Targets that have all of these; left out: all.'),
      reason: schemas.text(1000),
    }),
    responses: { 201: { description: 'It stands.', schema: freeze } },
    handle: async ({ body, caller, services }) => {
      if (!hasLabels(body.labels, caller.labels)) throw tooWide();
      const made = await createFreeze(services.db, body, caller.actor);
      return { status: 201, body: made, headers: { location: `/v1/freezes/${made.id}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/freezes',
    operationId: 'listFreezes',
    tag: 'Freezes',
    summary: 'Freezes that stand',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      all: z
        .enum(['true', 'false'], { error: 'Is to be true or false.' })
        .default('false')
        .describe('Lifted ones, too.'),
    }),
    body: null,
    responses: { 200: { description: 'The latest 200.', schema: z.object({ items: z.array(freeze) }) } },
    handle: async ({ query, services }) => ({
      status: 200,
      body: { items: await listFreezes(services.db, query.all === 'false') },
    }),
  }),
  route({
    method: 'delete',
    path: '/v1/freezes/{id}',
    operationId: 'liftFreeze',
    tag: 'Freezes',
    summary: 'Lift a freeze',
    description: 'What waited for it begins within seconds. Lifting twice is lifting once.',
    role: 'deployer',
    params: z.strictObject({ id: schemas.id }),
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'Lifted.', schema: freeze } },
    handle: async ({ params: { id }, caller, services }) => {
      const lifted = await liftFreeze(services.db, id, caller.labels, caller.actor);
      await services.rollouts.moveFrozen();
      return { status: 200, body: lifted };
    },
  }),
];

function tooWide(): HttpProblem {
  return new HttpProblem({
    status: 403,
    code: 'target_forbidden',
    detail: 'This key is limited to some targets, and the freeze would be for others too. Nothing was changed.',
    hint: 'Give the labels that this key is limited to among those of the freeze.',
  });
}
