import {
  compareBundles,
  findBundle,
  findBundleFile,
  listBundles,
  maySeeBundle,
  noteBundleKey,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import { MOST_SHOWN_BYTES, showFile } from '../bundles/show-file.ts';
import type { Caller } from '../http/caller.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';
import type { Services } from '../services.ts';

const MOST_FILES = 50_000;
/** How many files a comparison lists. */
const MOST_DIFFERENT = 5000;
const params = z.strictObject({ digest: schemas.digest });
const time = z.string().meta({ format: 'date-time' });

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

const LIMITED =
  'A key that is limited by labels sees the bundles that were asked for on targets it may see, that a rollout brings which it may see, and those that it stored itself. Of many others between them its pages have less than `limit`.';

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
      // One without labels sees all bundles anyway.
      if (Object.keys(caller.labels).length > 0) await noteBundleKey(services.db, digest, caller.keyId);
      return { status: isNew ? 201 : 200, body: { digest, problems }, headers: { location: `/v1/bundles/${digest}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/bundles',
    operationId: 'listBundles',
    tag: 'Bundles',
    summary: 'Bundles, newest first',
    description: LIMITED,
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({ cursor: z.string().max(1000).optional(), limit: schemas.limit }),
    body: null,
    responses: {
      200: {
        description: 'A page of bundles.',
        schema: schemas.page(
          z.object({
            digest: z.string(),
            createdAt: time,
            createdBy: z.string(),
            files: z.int(),
            sizeBytes: z.int(),
            problems: z.int().describe('How many the validator found.'),
            targets: z.int().describe('Those whose last deployment to succeed, dry runs aside, was of this bundle.'),
          }),
        ),
      },
    },
    handle: async ({ query, caller, services }) => {
      const place = z.strictObject({ createdMicros: z.string().regex(/^\d{1,18}$/), digest: schemas.digest });
      const { items, next } = await listBundles(services.db, {
        viewer: caller,
        after: decodeCursor(place, query.cursor),
        limit: query.limit,
      });
      return { status: 200, body: { items, nextCursor: next === null ? null : encodeCursor(next) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/bundles/{digest}',
    operationId: 'getBundle',
    tag: 'Bundles',
    summary: 'A bundle’s files, and where it has been deployed',
    role: 'viewer',
    params,
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
      await requireVisible(services, caller, [params.digest]);
      const bundle = await findBundle(services.db, params.digest, caller.labels);
      if (bundle === null) throw notFound('bundle of that digest', 'bundle_unknown');
      return { status: 200, body: bundle };
    },
  }),
  route({
    method: 'get',
    path: '/v1/bundles/{digest}/file',
    operationId: 'getBundleFile',
    tag: 'Bundles',
    summary: 'The text of a file of a bundle, and what the validator says of it',
    description: `Of a file of more than ${MOST_SHOWN_BYTES / 1024} KiB the first part.`,
    role: 'viewer',
    params,
    query: z.strictObject({ path: schemas.text(1000).describe('As the bundle has it: `create/1-tables/tbl_a.sql`.') }),
    body: null,
    responses: {
      200: {
        description: 'The file.',
        schema: z.object({
          path: z.string(),
          sha256: z.string(),
          sizeBytes: z.int(),
          text: z.string().nullable().describe('Null for what is not UTF-8.'),
          truncated: z.boolean().describe('`text` is its first part alone.'),
          problems: z.array(schemas.problem),
          verdict: z
            .object({ transactional: z.boolean(), statementCount: z.int() })
            .nullable()
            .describe('How it would be run; null for what is no script, is truncated, or has problems.'),
        }),
      },
    },
    handle: async ({ params: { digest }, query, caller, services }) => {
      const { bundles, db } = services;
      await requireVisible(services, caller, [digest]);
      const problems = await bundles.verdict(digest);
      if (problems === null) throw notFound('bundle of that digest', 'bundle_unknown');
      const found = await findBundleFile(db, digest, query.path, MOST_SHOWN_BYTES);
      if (found === null) throw fileUnknown();
      return { status: 200, body: await showFile(found, problems, (path, bytes) => bundles.describe(path, bytes)) };
    },
  }),
  route({
    method: 'get',
    path: '/v1/bundles/{digest}/diff',
    operationId: 'compareBundles',
    tag: 'Bundles',
    summary: 'Which files tell a bundle from another',
    description: `Those that were added, removed or changed since \`from\`, by path, at most ${MOST_DIFFERENT}; \`counts\` is of all.`,
    role: 'viewer',
    params,
    query: z.strictObject({ from: schemas.digest }),
    body: null,
    responses: {
      200: {
        description: 'The difference.',
        schema: z.object({
          from: z.string(),
          to: z.string(),
          counts: z.object({ added: z.int(), removed: z.int(), changed: z.int(), same: z.int() }),
          files: z.array(
            z.object({
              path: z.string(),
              change: z.enum(['added', 'removed', 'changed']),
              from: z.string().nullable().describe('Its SHA-256 there; null where it is not.'),
              to: z.string().nullable(),
            }),
          ),
        }),
      },
    },
    handle: async ({ params: { digest: to }, query: { from }, caller, services }) => {
      await requireVisible(services, caller, [to, from]);
      return { status: 200, body: { from, to, ...(await compareBundles(services.db, from, to, MOST_DIFFERENT)) } };
    },
  }),
];

/** @throws HttpProblem 404, in the same words for a bundle that is not there and one that is not for this key */
async function requireVisible({ db }: Services, caller: Caller, digests: readonly string[]): Promise<void> {
  const seen = await Promise.all(digests.map((digest) => maySeeBundle(db, digest, caller)));
  if (seen.includes(false)) throw notFound('bundle of that digest', 'bundle_unknown');
}

function fileUnknown(): HttpProblem {
  return new HttpProblem({
    status: 404,
    code: 'bundle_file_unknown',
    detail: 'The bundle has no file of that path. Nothing was changed.',
    hint: 'Give a path as GET /v1/bundles/{digest} lists it.',
  });
}
