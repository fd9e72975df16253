import {
  createKey,
  findHeld,
  listAudit,
  listKeys,
  listWorkers,
  revokeKey,
  verifyAudit,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { requireUnlimited } from '../http/caller.ts';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

export const adminRoutes = [
  route({
    method: 'post',
    path: '/v1/keys',
    operationId: 'createKey',
    tag: 'Keys',
    summary: 'Make a key',
    description:
      'The key itself is in this answer and nowhere else. Keys are the business of admins whose own key has no labels.',
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: z.strictObject({
      name: schemas.text(100),
      role: schemas.role,
      labels: schemas.labels.default({}).describe('The targets it is for: those with all of these; none: all.'),
      expiresAt: schemas.timestamp.nullable().default(null),
    }),
    responses: { 201: { description: 'Made.', schema: schemas.apiKey.extend({ key: z.string() }) } },
    handle: async ({ body, caller, services }) => {
      requireUnlimited(caller);
      const { apiKey, key } = await createKey(services.db, body, caller.actor);
      return { status: 201, body: { ...apiKey, key } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/keys',
    operationId: 'listKeys',
    tag: 'Keys',
    summary: 'All keys, newest first',
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The keys.', schema: z.object({ items: z.array(schemas.apiKey) }) } },
    handle: async ({ caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: { items: await listKeys(services.db) } };
    },
  }),
  route({
    method: 'delete',
    path: '/v1/keys/{id}',
    operationId: 'revokeKey',
    tag: 'Keys',
    summary: 'Revoke a key',
    description: 'Other API processes may take it for up to five seconds more.',
    role: 'admin',
    params: z.strictObject({ id: schemas.id }),
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'Revoked.', schema: schemas.apiKey } },
    handle: async ({ params, caller, services }) => {
      requireUnlimited(caller);
      const revoked = await revokeKey(services.db, params.id, caller.actor);
      if (revoked === null) throw notFound('key of that id', 'key_unknown');
      services.callers.forget();
      return { status: 200, body: revoked };
    },
  }),
  route({
    method: 'get',
    path: '/v1/workers',
    operationId: 'listWorkers',
    tag: 'Operations',
    summary: 'Workers, the living first',
    role: 'viewer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    responses: { 200: { description: 'The workers.', schema: z.object({ items: z.array(schemas.worker) }) } },
    handle: async ({ caller, services: { db } }) => {
      const [workers, held] = await Promise.all([listWorkers(db), findHeld(db, caller.labels)]);
      const currentOf = (id: string) =>
        held.filter(({ worker }) => worker === id).map(({ worker: _, ...shown }) => shown);
      return { status: 200, body: { items: workers.map((worker) => ({ ...worker, current: currentOf(worker.id) })) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/audit',
    operationId: 'listAudit',
    tag: 'Operations',
    summary: 'Every change, newest first',
    role: 'admin',
    params: schemas.nothing,
    query: z.strictObject({
      subjectType: z
        .enum(['target', 'bundle', 'deployment', 'rollout', 'freeze', 'protection', 'webhook', 'key', 'encryption_key'])
        .optional(),
      subject: schemas.text(200).optional(),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of the log.', schema: schemas.page(schemas.auditRecord) } },
    handle: async ({ query, caller, services }) => {
      requireUnlimited(caller);
      const place = decodeCursor(z.strictObject({ before: z.string().regex(/^\d{1,18}$/) }), query.cursor);
      const found = await listAudit(services.db, {
        subjectType: query.subjectType ?? null,
        subject: query.subject ?? null,
        before: place?.before ?? null,
        limit: query.limit + 1,
      });
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        status: 200,
        body: {
          items,
          nextCursor: found.length > query.limit && last !== undefined ? encodeCursor({ before: last.id }) : null,
        },
      };
    },
  }),
  route({
    method: 'get',
    path: '/v1/audit/verify',
    operationId: 'verifyAudit',
    tag: 'Operations',
    summary: 'Whether the audit log is as it was written',
    description:
      'Recomputes the chain of all rows. An altered, removed or inserted row shows; a cut-off tail too when an earlier `head` is given. Takes some seconds for 50,000 rows.',
    role: 'admin',
    params: schemas.nothing,
    query: z.strictObject({
      head: schemas.chainHead.optional().describe('`SEQ:HASH` of an earlier verification: the log must still hold it.'),
    }),
    body: null,
    responses: { 200: { description: 'The verdict, also when it is not intact.', schema: schemas.auditVerdict } },
    handle: async ({ query, caller, services }) => {
      requireUnlimited(caller);
      return { status: 200, body: await verifyAudit(services.db, query.head ?? null) };
    },
  }),
];
