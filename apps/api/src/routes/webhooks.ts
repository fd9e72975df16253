import { randomUUID } from 'node:crypto';
import {
  changeWebhook,
  createWebhook,
  disableWebhook,
  enableWebhook,
  findUrlFault,
  findWebhook,
  generateWebhookSecret,
  listWebhooks,
  NOTHING_INTERNAL,
  removeWebhook,
  rotateWebhookSecret,
  sealWebhookSecret,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { requireUnlimited } from '../http/caller.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';
import type { Services } from '../services.ts';
import {
  disabling,
  newWebhook,
  rotation,
  webhook,
  webhookChanges,
  webhookWithSecret,
} from '../webhooks/webhook-schemas.ts';

const params = z.strictObject({ id: schemas.id });

export const webhookRoutes = [
  route({
    method: 'post',
    path: '/v1/webhooks',
    operationId: 'createWebhook',
    tag: 'Webhooks',
    summary: 'Have changes told to a URL',
    description:
      'From now on each change of a deployment’s or rollout’s status is posted there, signed after Standard Webhooks. The secret to verify it with is in this answer and nowhere else. Webhooks are the business of admins whose own key has no labels.',
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: newWebhook,
    responses: { 201: { description: 'It stands.', schema: webhookWithSecret } },
    handle: async ({ body, caller, services }) => {
      requireUnlimited(caller);
      requireAllowedUrl(body.url, services);
      const id = randomUUID();
      const secret = generateWebhookSecret();
      const sealed = sealWebhookSecret(secret, id, services.config.keyring);
      const made = await createWebhook(services.db, { ...body, id, secret: sealed }, caller.actor);
      return { status: 201, body: { ...made, secret }, headers: { location: `/v1/webhooks/${id}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/webhooks',
    operationId: 'listWebhooks',
    tag: 'Webhooks',
    summary: 'All webhooks, newest first',
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'At most 50.', schema: z.object({ items: z.array(webhook) }) } },
    handle: async ({ caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: { items: await listWebhooks(services.db) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/webhooks/{id}',
    operationId: 'getWebhook',
    tag: 'Webhooks',
    summary: 'One webhook, and how it fares',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The webhook.', schema: webhook } },
    handle: async ({ params: { id }, caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: await findWebhook(services.db, id) };
    },
  }),
  route({
    method: 'put',
    path: '/v1/webhooks/{id}',
    operationId: 'changeWebhook',
    tag: 'Webhooks',
    summary: 'Change a webhook',
    description: 'What is left out stays as it is. What waits to be sent goes to the new URL.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: webhookChanges,
    responses: { 200: { description: 'Changed.', schema: webhook } },
    handle: async ({ params: { id }, body, caller, services }) => {
      requireUnlimited(caller);
      if (body.url !== undefined) requireAllowedUrl(body.url, services);
      return { status: 200, body: await changeWebhook(services.db, id, body, caller.actor) };
    },
  }),
  route({
    method: 'delete',
    path: '/v1/webhooks/{id}',
    operationId: 'removeWebhook',
    tag: 'Webhooks',
    summary: 'Remove a webhook',
    description:
      'Its secret is erased. What was still to be sent is not sent; one message that is under way may arrive.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 204: { description: 'Removed.' } },
    handle: async ({ params: { id }, caller, services }) => {
      requireUnlimited(caller);
      await removeWebhook(services.db, id, caller.actor);
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/enable',
    operationId: 'enableWebhook',
    tag: 'Webhooks',
    summary: 'Switch a webhook on again',
    description:
      'What waited when it was switched off goes on by its times; what happened since was not recorded for it. Twice is once.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'It is on.', schema: webhook } },
    handle: async ({ params: { id }, caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: await enableWebhook(services.db, id, caller.actor) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/disable',
    operationId: 'disableWebhook',
    tag: 'Webhooks',
    summary: 'Switch a webhook off',
    description:
      'Nothing more is recorded for it or sent to it, until it is switched on. What waits is kept for 30 days.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: disabling,
    responses: { 200: { description: 'It is off.', schema: webhook } },
    handle: async ({ params: { id }, body, caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: await disableWebhook(services.db, id, body.reason, caller.actor) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/webhooks/{id}/rotate-secret',
    operationId: 'rotateWebhookSecret',
    tag: 'Webhooks',
    summary: 'Give a webhook another secret',
    description:
      'The new one is in this answer and nowhere else. Until the time of the one before is over each message carries a signature by either, so that the receiver may change over in between.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: rotation,
    responses: { 200: { description: 'Signed with the new secret from now on.', schema: webhookWithSecret } },
    handle: async ({ params: { id }, body, caller, services }) => {
      requireUnlimited(caller);
      const secret = generateWebhookSecret();
      const sealed = sealWebhookSecret(secret, id, services.config.keyring);
      const keepMs = body.keepPreviousSeconds * 1000;
      const rotated = await rotateWebhookSecret(services.db, id, sealed, keepMs, caller.actor);
      return { status: 200, body: { ...rotated, secret } };
    },
  }),
];

function requireAllowedUrl(url: string, { config }: Services): void {
  const fault = findUrlFault(url, config.webhooksMayReach ?? NOTHING_INTERNAL);
  if (fault === null) return;
  throw new HttpProblem({
    status: 422,
    code: 'request_invalid',
    detail: 'The request is not in order: see errors. Nothing was changed.',
    hint: 'Mend what is named and send it again.',
    errors: [{ in: 'body', path: 'url', message: fault }],
  });
}
