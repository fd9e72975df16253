import { findBundle } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';

const MOST_FILES = 50_000;

const file = z
  .strictObject({
    path: z.string().min(1, 'Is not to be empty.').max(1000, 'Has more than 1000 characters.'),
    content: z.string().optional().describe('The text; taken as UTF-8.'),
    contentBase64: z.base64('Is not base64.').optional().describe('Instead of `content`: the very bytes.'),
  })
  .refine(
    (given) => (given.content === undefined) !== (given.contentBase64 === undefined),
    'Give content or contentBase64.',
  );

export const bundleRoutes = [
  route({
    method: 'post',
    path: '/v1/bundles',
    operationId: 'storeBundle',
    tag: 'Bundles',
    summary: 'Store a snapshot of the three folders',
    description:
      'The same content gives the same digest. Problems don’t keep a bundle from being stored, but from being deployed. Send `Content-Encoding: gzip` for large ones.',
    role: 'deployer',
    params: schemas.nothing,
    query: schemas.nothing,
    body: z.strictObject({
      files: z.array(file).min(1, 'There are no files.').max(MOST_FILES, `There are more than ${MOST_FILES} files.`),
    }),
    takesBundle: true,
    responses: {
      200: {
        description: 'Known already.',
        schema: z.object({ digest: z.string(), problems: z.array(schemas.problem) }),
      },
      201: { description: 'Stored.', schema: z.object({ digest: z.string(), problems: z.array(schemas.problem) }) },
    },
    handle: async ({ body, caller, services }) => {
      const files = body.files.map(({ path, content, contentBase64 }) => ({
        path,
        content: content ?? Buffer.from(contentBase64 ?? '', 'base64'),
      }));
      const { digest, problems, isNew } = await services.bundles.takeFiles(files, caller.actor);
      return { status: isNew ? 201 : 200, body: { digest, problems }, headers: { location: `/v1/bundles/${digest}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/bundles/{digest}',
    operationId: 'getBundle',
    tag: 'Bundles',
    summary: 'A bundle’s files, and where it has been deployed',
    role: 'viewer',
    params: z.strictObject({ digest: schemas.digest }),
    query: schemas.nothing,
    body: null,
    responses: {
      200: {
        description: 'The bundle.',
        schema: z.object({
          digest: z.string(),
          problems: z.array(schemas.problem),
          sizeBytes: z.int(),
          createdAt: z.string(),
          createdBy: z.string(),
          files: z.array(z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.int() })),
          deployedTo: z.array(
            z.object({
              target: z.string(),
              mode: z.string(),
              deployment: z.string(),
              status: z.string(),
              createdAt: z.string(),
            }),
          ),
        }),
      },
    },
    handle: async ({ params, caller, services }) => {
      const bundle = await findBundle(services.db, params.digest, caller.labels);
      if (bundle === null) throw notFound('bundle of that digest', 'bundle_unknown');
      return { status: 200, body: bundle };
    },
  }),
];
