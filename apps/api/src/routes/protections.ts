import {
  createProtection,
  findTarget,
  hasLabels,
  listProtections,
  type Protected,
  removeProtection,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { HttpProblem, notFound } from '../http/problem.ts';
import { type Input, route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const time = z.string().meta({ format: 'date-time' });
const protection = z.object({
  id: z.string(),
  labels: z
    .record(z.string(), z.string())
    .nullable()
    .describe('Targets that have all of these; empty: all targets. Null: it is the one named.'),
  target: z.string().nullable(),
  reason: z.string(),
  createdAt: time,
  createdBy: z.string(),
  removedAt: time.nullable().describe('null while it stands.'),
  removedBy: z.string().nullable(),
});
const protectionBody = z
  .strictObject({
    labels: schemas.labels.optional().describe('Targets that have all of these; {} is all.'),
    target: schemas.targetName.optional().describe('Or the one of this name.'),
    reason: schemas.text(1000),
  })
  .refine((body) => (body.labels === undefined) !== (body.target === undefined), {
    message: 'Give labels or target: one of the two.',
    path: ['labels'],
  });

export const protectionRoutes = [
  route({
    method: 'post',
    path: '/v1/protections',
    operationId: 'createProtection',
    tag: 'Approvals',
    summary: 'Let nothing run on some targets without an approval',
    description:
      'From now on deployments there, and waves of rollouts that have such targets, wait in `awaiting_approval` until a key with the role approver has approved the plan that it was shown. What runs goes on, what is queued waits when its turn comes; dry runs need no approval.',
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: protectionBody,
    responses: { 201: { description: 'It stands.', schema: protection } },
    handle: async (input) => {
      const wanted = await requireAllowed(input);
      const made = await createProtection(
        input.services.db,
        { ...wanted, reason: input.body.reason },
        input.caller.actor,
      );
      return { status: 201, body: made, headers: { location: `/v1/protections/${made.id}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/protections',
    operationId: 'listProtections',
    tag: 'Approvals',
    summary: 'Protections that stand',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      all: z
        .enum(['true', 'false'], { error: 'Is to be true or false.' })
        .default('false')
        .describe('Removed ones, too.'),
    }),
    body: null,
    responses: { 200: { description: 'The latest 200.', schema: z.object({ items: z.array(protection) }) } },
    handle: async ({ query, caller, services }) => ({
      status: 200,
      body: { items: await listProtections(services.db, query.all === 'false', caller.labels) },
    }),
  }),
  route({
    method: 'delete',
    path: '/v1/protections/{id}',
    operationId: 'removeProtection',
    tag: 'Approvals',
    summary: 'Remove a protection',
    description:
      'Deployments that wait for an approval go on waiting: they are approved, or cancelled and asked for anew. Removing twice is removing once.',
    role: 'admin',
    params: z.strictObject({ id: schemas.id }),
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'Removed.', schema: protection } },
    handle: async ({ params: { id }, caller, services }) => {
      const removed = await removeProtection(services.db, id, caller.labels, caller.actor);
      await services.rollouts.moveAwaiting();
      return { status: 200, body: removed };
    },
  }),
];

/** A key that is limited to some targets protects these alone. */
async function requireAllowed({
  body,
  caller,
  services,
}: Input<unknown, unknown, z.output<typeof protectionBody>>): Promise<Protected> {
  const { labels, target } = body;
  if (target === undefined) {
    if (!hasLabels(labels ?? {}, caller.labels)) throw tooWide();
    return { labels: labels ?? {}, target: null };
  }
  if ((await findTarget(services.db, target, caller.labels)) === null) {
    throw notFound('target of that name', 'target_unknown');
  }
  return { labels: null, target };
}

function tooWide(): HttpProblem {
  return new HttpProblem({
    status: 403,
    code: 'target_forbidden',
    detail: 'This key is limited to some targets, and the protection would be for others too. Nothing was changed.',
    hint: 'Give the labels that this key is limited to among those of the protection.',
  });
}
