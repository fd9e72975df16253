import { findDeployment, findEventsOf, findRolloutEvents, findRolloutRow } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { type Answer, route } from '../http/route.ts';
import { rolloutEvent } from '../rollouts/rollout-schemas.ts';
import * as schemas from '../schemas.ts';

const MOST = 500;
const number = z.coerce.number({ error: 'Is not a number.' }).int('Is to be a whole number.');
const query = z.strictObject({
  after: number
    .min(0, 'Is not to be less than 0.')
    .max(2_147_483_647, 'Is not the number of an event.')
    .default(0)
    .describe('The `number` of the last event that is known.'),
  limit: number.min(1, `Is to be from 1 to ${MOST}.`).max(MOST, `Is to be from 1 to ${MOST}.`).default(MOST),
});
const params = z.strictObject({ id: schemas.id });
const DESCRIPTION = 'In their order, from the first or behind `after`. For what is yet to come there is the stream.';

const pageOf = (event: z.ZodType) =>
  z.object({
    items: z.array(event),
    nextAfter: z.int().nullable().describe('Where the next page begins; null: these are all there are by now.'),
  });

export const pastEventRoutes = [
  route({
    method: 'get',
    path: '/v1/deployments/{id}/events/page',
    operationId: 'listDeploymentEvents',
    tag: 'Deployments',
    summary: 'What has happened with a deployment',
    description: DESCRIPTION,
    role: 'viewer',
    params,
    query,
    body: null,
    responses: { 200: { description: 'A page of events.', schema: pageOf(schemas.event) } },
    handle: async ({ params: { id }, query: { after, limit }, caller, services: { db } }) => {
      if ((await findDeployment(db, id, caller.labels)) === null) {
        throw notFound('deployment of that id', 'deployment_unknown');
      }
      return page(await findEventsOf(db, [{ deploymentId: id, after }], limit + 1), limit);
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}/events/page',
    operationId: 'listRolloutEvents',
    tag: 'Rollouts',
    summary: 'What has happened with a rollout',
    description: DESCRIPTION,
    role: 'viewer',
    params,
    query,
    body: null,
    responses: { 200: { description: 'A page of events.', schema: pageOf(rolloutEvent) } },
    handle: async ({ params: { id }, query: { after, limit }, caller, services: { db } }) => {
      if ((await findRolloutRow(db, id, caller.labels)) === null) {
        throw notFound('rollout of that id', 'rollout_unknown');
      }
      return page(await findRolloutEvents(db, [{ rolloutId: id, after }], limit + 1), limit);
    },
  }),
];

/** @param found one more than the page has room for, if there are as many */
function page(found: readonly { readonly number: number }[], limit: number): Answer {
  const items = found.slice(0, limit);
  return { status: 200, body: { items, nextAfter: found.length > limit ? (items.at(-1)?.number ?? null) : null } };
}
