import { findDeployment, findEventsOf, hasLabels, isFinal } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { PlacedEvent } from '../live/all-events.ts';
import { type EventStream, openStream } from '../live/sse.ts';
import { placeOf, RESUME, stillAllowed } from '../live/stream-request.ts';
import * as schemas from '../schemas.ts';

const STREAM = {
  description: 'A stream of server-sent events.',
  contentType: 'text/event-stream',
  schema: schemas.event,
};
/** Events kept for one reader of all while the past is read for it. */
const MOST_HELD = 20_000;

export const eventRoutes = [
  route({
    method: 'get',
    path: '/v1/deployments/{id}/events',
    operationId: 'watchDeployment',
    tag: 'Live',
    summary: 'What happens with a deployment, as it happens',
    description:
      'From the first event, or behind `Last-Event-ID` (or `after`); nothing is left out. Ends after `finished`; with nothing left to come the answer is 204, which keeps an EventSource from coming back.',
    role: 'viewer',
    params: z.strictObject({ id: schemas.id }),
    query: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,9}$/, 'Is to be the id of an event.')
        .optional(),
    }),
    body: null,
    headers: RESUME,
    responses: { 200: STREAM, 204: { description: 'It is final, and its last event is known already.' } },
    handle: async ({ params: { id }, query, caller, request, response, services }) => {
      const after = Number(placeOf(request.get('last-event-id') ?? query.after, /^\d{1,9}$/) ?? '0');
      const deployment = await findDeployment(services.db, id, caller.labels);
      if (deployment === null) throw notFound('deployment of that id', 'deployment_unknown');
      if (isFinal(deployment.status)) {
        const rest = await findEventsOf(services.db, [{ deploymentId: id, after }], 1);
        if (rest.length === 0) return { status: 204 };
      }
      const leave = services.streams.take(caller);
      const stream = openStream(request, response, {
        stopping: services.stopping,
        isAllowed: () => stillAllowed(request, services),
        onReady: () => services.events.look(),
      });
      const unwatch = services.events.watch(
        id,
        after,
        (events) => {
          for (const event of events) {
            stream.send(String(event.number), event.type, event);
            if (event.type === 'finished') stream.end();
          }
        },
        () => stream.isReady(),
      );
      await stream.closed;
      unwatch();
      leave();
      return null;
    },
  }),
  route({
    method: 'get',
    path: '/v1/events',
    operationId: 'watchAll',
    tag: 'Live',
    summary: 'What happens with all deployments that this key may see',
    description:
      'From now on, or behind `Last-Event-ID`. Nothing is left out; after a cut an event may come twice: `deploymentId` and `number` tell.',
    role: 'viewer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    headers: RESUME,
    responses: { 200: { ...STREAM, schema: schemas.event.extend({ target: z.string() }) } },
    handle: async ({ caller, request, response, services }) => {
      const from = placeOf(request.get('last-event-id'), /^\d{1,18}$/);
      const leave = services.streams.take(caller);
      let stream: EventStream | null = null;
      // What comes while the past is read is given after it.
      let held: PlacedEvent[] | null = [];
      const give = (events: readonly PlacedEvent[]): void => {
        for (const { event, resumeAfter } of events) {
          const { targetLabels, ...shown } = event;
          if (hasLabels(targetLabels, caller.labels)) stream?.send(resumeAfter, event.type, shown);
        }
      };
      let unlisten: (() => void) | null = null;
      try {
        // Before the answer begins: with the control database away it is a 503.
        unlisten = await services.allEvents.listen((events) => {
          if (held === null) give(events);
          else if (held.length < MOST_HELD) held.push(...events);
          // It comes back with the last id it was given.
          else response.destroy();
        });
        stream = openStream(request, response, {
          stopping: services.stopping,
          isAllowed: () => stillAllowed(request, services),
        });
        for (let place = from; place !== null && !response.destroyed; ) {
          const { events, complete } = await services.allEvents.since(place);
          give(events);
          place = complete ? null : (events.at(-1)?.event.id ?? null);
          await stream.ready();
        }
        give(held);
        held = null;
        await stream.closed;
      } finally {
        unlisten?.();
        leave();
      }
      return null;
    },
  }),
];
