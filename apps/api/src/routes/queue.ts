import { findQueue, findQueueDepth } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const time = z.string().meta({ format: 'date-time' });
const place = z.object({
  id: z.string(),
  target: z.string(),
  status: schemas.status,
  since: time.describe('Since when it is under way, or could be.'),
  waitingFor: schemas.waitingFor.nullable(),
});
const queue = z.object({
  byStatus: z.array(z.object({ status: schemas.status, count: z.int(), oldest: time })),
  reasons: z
    .array(z.object({ kind: z.string(), count: z.int(), oldest: time, example: place.nullable() }))
    .describe('What waits, by the `kind` of its `waitingFor`; the most frequent first, with the oldest as an example.'),
  lines: z
    .array(
      z.object({
        target: z.string(),
        waiting: z.int().describe('Queued, or scheduled for later.'),
        head: place.nullable().describe('What is under way, or else what is next.'),
      }),
    )
    .describe('The line of each target, the longest first.'),
  rest: z.object({ targets: z.int(), waiting: z.int() }).describe('What `lines` has no room for.'),
});
const depth = z.object({
  points: z
    .array(
      z.object({
        at: time,
        queued: z.int().describe('Due, and not yet in a worker’s hands.'),
        running: z.int().describe('From the first attempt to the end, waits between attempts included.'),
      }),
    )
    .describe('121, equally far apart; the last is now.'),
  isCapped: z.boolean().describe('Too many deployments ended within that time: the points begin later than asked for.'),
});
const number = z.coerce.number({ error: 'Is not a number.' }).int('Is to be a whole number.');

export const queueRoutes = [
  route({
    method: 'get',
    path: '/v1/queue',
    operationId: 'getQueue',
    tag: 'Deployments',
    summary: 'What is under way, and what waits for what',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      lines: number
        .min(1, 'Is to be from 1 to 200.')
        .max(200, 'Is to be from 1 to 200.')
        .default(50)
        .describe('How many lines are listed.'),
    }),
    body: null,
    responses: { 200: { description: 'The queue.', schema: queue } },
    handle: async ({ query, caller, services }) => ({
      status: 200,
      body: await findQueue(services.db, caller.labels, query.lines),
    }),
  }),
  route({
    method: 'get',
    path: '/v1/queue/depth',
    operationId: 'getQueueDepth',
    tag: 'Deployments',
    summary: 'How many were queued and running over the last hours',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      hours: number.min(1, 'Is to be from 1 to 168.').max(168, 'Is to be from 1 to 168.').default(24),
    }),
    body: null,
    responses: { 200: { description: 'The depth over time.', schema: depth } },
    handle: async ({ query, caller, services }) => ({
      status: 200,
      body: await findQueueDepth(services.db, { hours: query.hours, allowed: caller.labels }),
    }),
  }),
];
