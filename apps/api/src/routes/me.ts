import { z } from 'zod';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

export const meRoutes = [
  route({
    method: 'get',
    path: '/v1/me',
    operationId: 'getMe',
    tag: 'Keys',
    summary: 'What the key of this request is and may',
    role: 'viewer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    responses: {
      200: {
        description: 'The key.',
        schema: schemas.apiKey.pick({ name: true, role: true, labels: true, expiresAt: true }).extend({
          version: z.string().describe('Of the service.'),
          queuePage: z.boolean().describe('Whether this key may open the queue’s own page: POST /v1/queue-page.'),
        }),
      },
    },
    handle: async ({ caller, services }) => {
      const { name, role, labels, expiresAt } = caller;
      const queuePage = services.queuePage !== null && role === 'admin' && Object.keys(labels).length === 0;
      return { status: 200, body: { name, role, labels, expiresAt, version: services.version, queuePage } };
    },
  }),
];
