import {
  findRolloutDetail,
  findRolloutProgress,
  findRolloutRow,
  isRolloutFinal,
  findRolloutEvents,
  listRollouts,
  listRolloutTargets,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { decodeCursor, encodeCursor, placeByCreation } from '../http/cursor.ts';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { openStream } from '../live/sse.ts';
import { placeOf, RESUME, stillAllowed } from '../live/stream-request.ts';
import { createRollout } from '../rollouts/create-rollout.ts';
import { rolloutBody } from '../rollouts/rollout-body.ts';
import * as shapes from '../rollouts/rollout-schemas.ts';
import * as schemas from '../schemas.ts';

const params = z.strictObject({ id: schemas.id });
const EVENT_NUMBER = /^\d{1,9}$/;

export const rolloutRoutes = [
  route({
    method: 'post',
    path: '/v1/rollouts',
    operationId: 'createRollout',
    tag: 'Rollouts',
    summary: 'Bring many targets to a bundle, in waves',
    description:
      'The targets are resolved and frozen now, with the bundle’s digest; the answer lists them wave by wave. Without waves: one canary, a tenth, the rest.',
    role: 'deployer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: rolloutBody,
    headers: {
      'Idempotency-Key': 'The same key with the same body gives the same rollout, however often it is sent.',
      traceparent: 'W3C trace context: the runs belong to this trace.',
    },
    responses: { 202: { description: 'Recorded.', schema: shapes.createdRollout } },
    handle: createRollout,
  }),
  route({
    method: 'get',
    path: '/v1/rollouts',
    operationId: 'listRollouts',
    tag: 'Rollouts',
    summary: 'Rollouts, newest first',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      status: shapes.rolloutStatus.optional(),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of rollouts.', schema: schemas.page(shapes.rollout) } },
    handle: async ({ query, caller, services }) => {
      const { items, next } = await listRollouts(services.db, {
        status: query.status ?? null,
        allowed: caller.labels,
        after: decodeCursor(placeByCreation, query.cursor),
        limit: query.limit,
      });
      return { status: 200, body: { items, nextCursor: next === null ? null : encodeCursor(next) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}',
    operationId: 'getRollout',
    tag: 'Rollouts',
    summary: 'Where a rollout stands',
    description: 'Its waves, what failed (the same failures together), its pace, and what its targets wait for.',
    role: 'viewer',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The rollout.', schema: shapes.rolloutDetail } },
    handle: async ({ params: { id }, caller, services }) => {
      const detail = await findRolloutDetail(services.db, id, caller.labels);
      if (detail === null) throw notFound('rollout of that id', 'rollout_unknown');
      return { status: 200, body: detail };
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}/targets',
    operationId: 'listRolloutTargets',
    tag: 'Rollouts',
    summary: 'The targets of a rollout, in its order, with what each waits for',
    role: 'viewer',
    params,
    query: z.strictObject({
      state: shapes.targetState.optional(),
      wave: z.coerce.number('Is not a number.').int('Is to be a whole number.').min(1).max(1000).optional(),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of targets.', schema: schemas.page(shapes.rolloutTarget) } },
    handle: async ({ params: { id }, query, caller, services }) => {
      const after = decodeCursor(z.strictObject({ position: z.int() }), query.cursor)?.position ?? 0;
      const row = await findRolloutRow(services.db, id, caller.labels);
      if (row === null) throw notFound('rollout of that id', 'rollout_unknown');
      const { state = null, wave = null, limit } = query;
      const { items, next } = await listRolloutTargets(services.db, row, { state, wave, after, limit });
      return { status: 200, body: { items, nextCursor: next === null ? null : encodeCursor({ position: next }) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}/progress',
    operationId: 'getRolloutProgress',
    tag: 'Rollouts',
    summary: 'How many targets had ended by when, and how',
    description:
      'For a plot: 101 points, equally far apart, from its creation to its end, or to now. A target that was tried again counts by its latest end.',
    role: 'viewer',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The points.', schema: shapes.rolloutProgress } },
    handle: async ({ params: { id }, caller, services }) => {
      const row = await findRolloutRow(services.db, id, caller.labels);
      if (row === null) throw notFound('rollout of that id', 'rollout_unknown');
      const points = await findRolloutProgress(services.db, row);
      return { status: 200, body: { targets: row.target_count, points } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/rollouts/{id}/events',
    operationId: 'watchRollout',
    tag: 'Live',
    summary: 'What happens with a rollout, as it happens',
    description:
      'From the first event, or behind `Last-Event-ID` (or `after`); nothing is left out. It ends when the rollout has come to its end; one that is stopped or paused goes on telling, for it may be resumed. With nothing left to come the answer is 204.',
    role: 'viewer',
    params,
    query: z.strictObject({ after: z.string().regex(EVENT_NUMBER, 'Is to be the id of an event.').optional() }),
    body: null,
    headers: RESUME,
    responses: {
      200: {
        description: 'A stream of server-sent events.',
        contentType: 'text/event-stream',
        schema: shapes.rolloutEvent,
      },
      204: { description: 'It has come to its end, and its last event is known already.' },
    },
    handle: async ({ params: { id }, query, caller, request, response, services }) => {
      const after = Number(placeOf(request.get('last-event-id') ?? query.after, EVENT_NUMBER) ?? '0');
      const row = await findRolloutRow(services.db, id, caller.labels);
      if (row === null) throw notFound('rollout of that id', 'rollout_unknown');
      if (isRolloutFinal(row.status)) {
        const rest = await findRolloutEvents(services.db, [{ rolloutId: id, after }], 1);
        if (rest.length === 0) return { status: 204 };
      }
      const leave = services.streams.take(caller);
      const stream = openStream(request, response, {
        stopping: services.stopping,
        isAllowed: () => stillAllowed(request, services),
        onReady: () => services.rolloutEvents.look(),
      });
      const unwatch = services.rolloutEvents.watch(
        id,
        after,
        (events) => {
          for (const event of events) stream.send(String(event.number), event.type, event);
          // One that was retried after its end has events behind a `finished`.
          if (events.at(-1)?.type === 'finished') stream.end();
        },
        () => stream.isReady(),
      );
      await stream.closed;
      unwatch();
      leave();
      return null;
    },
  }),
];
