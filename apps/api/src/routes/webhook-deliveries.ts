import {
  enterTestDelivery,
  findDelivery,
  findWebhook,
  listDeliveries,
  resendDelivery,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { requireUnlimited } from '../http/caller.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';
import { delivery, deliveryDetail, deliveryStatus } from '../webhooks/webhook-schemas.ts';

const params = z.strictObject({ id: schemas.id });
const deliveryParams = z.strictObject({ id: schemas.id, delivery: schemas.id });

export const webhookDeliveryRoutes = [
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    operationId: 'testWebhook',
    tag: 'Webhooks',
    summary: 'Send a message to try a webhook',
    description: 'Of the type `webhook.test`, whatever it asked for. The delivery tells what became of it.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 202: { description: 'It is sent within a second or two.', schema: delivery } },
    handle: async ({ params: { id }, caller, services }) => {
      requireUnlimited(caller);
      const entered = await enterTestDelivery(services.db, id, caller.actor);
      return { status: 202, body: entered, headers: { location: `/v1/webhooks/${id}/deliveries/${entered.id}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    operationId: 'listWebhookDeliveries',
    tag: 'Webhooks',
    summary: 'What was sent to a webhook, and is to be, newest first',
    description: 'What has ended is kept for 30 days.',
    role: 'admin',
    params,
    query: z.strictObject({
      status: deliveryStatus.optional(),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of deliveries.', schema: schemas.page(delivery) } },
    handle: async ({ params: { id }, query, caller, services }) => {
      requireUnlimited(caller);
      const place = decodeCursor(z.strictObject({ before: z.string().regex(/^\d{1,18}$/) }), query.cursor);
      await findWebhook(services.db, id);
      const { items, next } = await listDeliveries(services.db, id, {
        status: query.status ?? null,
        before: place?.before ?? null,
        limit: query.limit,
      });
      return { status: 200, body: { items, nextCursor: next === null ? null : encodeCursor({ before: next }) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries/{delivery}',
    operationId: 'getWebhookDelivery',
    tag: 'Webhooks',
    summary: 'One delivery, with the message itself',
    role: 'admin',
    params: deliveryParams,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The delivery.', schema: deliveryDetail } },
    handle: async ({ params: { id, delivery: deliveryId }, caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: await findDelivery(services.db, id, deliveryId) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{delivery}/resend',
    operationId: 'resendWebhookDelivery',
    tag: 'Webhooks',
    summary: 'Send a message once more',
    description:
      'The same id and the same bytes, at once. One that has ended begins anew with all its tries; one that waits for its next try waits no longer.',
    role: 'admin',
    params: deliveryParams,
    query: schemas.nothing,
    body: null,
    responses: { 202: { description: 'It is sent within a second or two.', schema: delivery } },
    handle: async ({ params: { id, delivery: deliveryId }, caller, services }) => {
      requireUnlimited(caller);
      return { status: 202, body: await resendDelivery(services.db, id, deliveryId, caller.actor) };
    },
  }),
];
