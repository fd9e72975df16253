import {
  findBundle,
  findProtectionsOver,
  findTarget,
  findTargetLedger,
  listTargets,
  putTarget,
  removeTarget,
  sealSecret,
  type TargetInput,
} from '@postgres-manager/control-plane';
import { parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { compareLedger } from '../targets/compare-ledger.ts';
import * as schemas from '../schemas.ts';
import type { Services } from '../services.ts';

const params = z.strictObject({ name: schemas.targetName });
/** What the service itself reads: a target's DSN is never in one of these. */
const OWN_VARIABLES = /^(DATABASE_URL|REDIS_URL|ENCRYPTION_KEY.*|BOOTSTRAP_API_KEY|METRICS_TOKEN|NODE_.*|PATH|HOME)$/;
const timeout = z
  .int('Is to be a whole number of milliseconds.')
  .min(0, 'Is not to be negative.')
  .max(86_400_000, 'Is more than a day.')
  .nullable();

const targetBody = z
  .strictObject({
    dsn: schemas
      .text(2000)
      .optional()
      .describe('postgres://USER:PASSWORD@HOST:PORT/DATABASE. Write-only: it is encrypted, and never given back.'),
    dsnEnv: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'Is to be the name of an environment variable: capitals, digits, underscores.')
      .refine((name) => !OWN_VARIABLES.test(name), 'Is a variable that the service itself reads.')
      .optional()
      .describe('Instead of `dsn`: the variable in the workers’ environment that holds it.'),
    labels: schemas.labels.optional(),
    acceptPooler: z.boolean().optional().describe('There is a pooler at this address, in session mode.'),
    lockTimeoutMs: timeout.optional().describe('lock_timeout of each statement; null: the default of 5000.'),
    statementTimeoutMs: timeout.optional().describe('statement_timeout of each statement; null: none.'),
    acceptIdentity: z
      .boolean()
      .optional()
      .describe('The next deployment may find another database there than the last one did.'),
  })
  .refine((body) => body.dsn === undefined || body.dsnEnv === undefined, {
    message: 'Give dsn or dsnEnv, not both.',
    path: ['dsnEnv'],
  });

const appliedFile = schemas.ledgerFile;
const targetDetail = schemas.target.extend({
  protections: z
    .array(z.object({ id: z.string(), reason: z.string(), by: z.string(), since: z.string() }))
    .describe('While there are any, nothing is run there without an approval.'),
  files: z
    .array(appliedFile)
    .nullable()
    .describe('What is applied there, as last seen; null before a worker has been there.'),
  comparison: z
    .object({
      bundle: z.string(),
      pending: z
        .array(z.string())
        .describe(
          'Files of deployment/ and manual-deployment/ that are not applied; of create/ too while no create is complete.',
        ),
      changed: z.array(z.string()).describe('Applied with other bytes.'),
      missing: z.array(z.string()).describe('Applied files of deployment/ that the bundle lacks.'),
    })
    .nullable()
    .describe('With `bundle`: what the target lacks of it.'),
});

export const targetRoutes = [
  route({
    method: 'put',
    path: '/v1/targets/{name}',
    operationId: 'putTarget',
    tag: 'Targets',
    summary: 'Register a target, or change it',
    description: 'What is left out stays as it is. A new target needs `dsn` or `dsnEnv`.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: targetBody,
    responses: {
      200: { description: 'Changed.', schema: schemas.target },
      201: { description: 'Registered.', schema: schemas.target },
    },
    handle: async ({ params: { name }, body, caller, services }) => {
      const input: TargetInput = {
        name,
        labels: body.labels,
        dsn: dsnOf(name, body, services),
        acceptPooler: body.acceptPooler,
        lockTimeoutMs: body.lockTimeoutMs,
        statementTimeoutMs: body.statementTimeoutMs,
        acceptIdentity: body.acceptIdentity,
      };
      const outcome = await putTarget(services.db, input, caller.labels, caller.actor);
      if (outcome === 'forbidden') throw forbiddenTarget();
      if (outcome === 'dsn_missing') {
        throw bodyProblem('dsn', `There is no target ${name} yet: a new one needs dsn or dsnEnv.`);
      }
      const target = await findTarget(services.db, name, caller.labels);
      if (target === null) throw notFound('target of that name', 'target_unknown');
      return { status: outcome === 'created' ? 201 : 200, body: target, headers: { location: `/v1/targets/${name}` } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/targets',
    operationId: 'listTargets',
    tag: 'Targets',
    summary: 'List targets by name',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      label: schemas.labelFilter.optional().describe('`env:staging`; several must all fit.'),
      cursor: z.string().max(1000).optional(),
      limit: schemas.limit,
    }),
    body: null,
    responses: { 200: { description: 'A page of targets.', schema: schemas.page(schemas.target) } },
    handle: async ({ query, caller, services }) => {
      const after = decodeCursor(z.strictObject({ name: schemas.targetName }), query.cursor)?.name ?? '';
      const found = await listTargets(services.db, {
        labels: query.label ?? {},
        allowed: caller.labels,
        after,
        limit: query.limit + 1,
      });
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      const nextCursor = found.length > query.limit && last !== undefined ? encodeCursor({ name: last.name }) : null;
      return { status: 200, body: { items, nextCursor } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/targets/{name}',
    operationId: 'getTarget',
    tag: 'Targets',
    summary: 'Where a target stands',
    description:
      'What is applied and since when, as a worker last saw it; with `bundle` also what it lacks of that. A dry run looks anew.',
    role: 'viewer',
    params,
    query: z.strictObject({ bundle: schemas.digest.optional() }),
    body: null,
    responses: { 200: { description: 'The target.', schema: targetDetail } },
    handle: async ({ params: { name }, query, caller, services }) => {
      const [target, ledger, bundle, protections] = await Promise.all([
        findTarget(services.db, name, caller.labels),
        findTargetLedger(services.db, name, caller.labels),
        query.bundle === undefined ? null : findBundle(services.db, query.bundle, caller.labels),
        findProtectionsOver(services.db.pool, name, caller.labels),
      ]);
      if (target === null) throw notFound('target of that name', 'target_unknown');
      if (query.bundle !== undefined && bundle === null) throw notFound('bundle of that digest', 'bundle_unknown');
      const comparison =
        bundle === null
          ? null
          : {
              bundle: bundle.digest,
              ...compareLedger(bundle.files, ledger?.files ?? [], ledger?.create === 'complete'),
            };
      return { status: 200, body: { ...target, protections, files: ledger?.files ?? null, comparison } };
    },
  }),
  route({
    method: 'delete',
    path: '/v1/targets/{name}',
    operationId: 'removeTarget',
    tag: 'Targets',
    summary: 'Remove a target',
    description:
      'Its secret is erased and its name is free again; its history stays. The database itself is not touched.',
    role: 'admin',
    params,
    query: schemas.nothing,
    body: null,
    responses: { 204: { description: 'Removed.' } },
    handle: async ({ params: { name }, caller, services }) => {
      if (!(await removeTarget(services.db, name, caller.labels, caller.actor))) {
        throw notFound('target of that name', 'target_unknown');
      }
      return { status: 204 };
    },
  }),
];

function dsnOf(name: string, body: z.output<typeof targetBody>, { config }: Services): TargetInput['dsn'] {
  if (body.dsnEnv !== undefined) return { kind: 'environment', variable: body.dsnEnv };
  if (body.dsn === undefined) return undefined;
  try {
    const { password: _, ...shown } = parseDsn(body.dsn);
    return { kind: 'sealed', secret: sealSecret(body.dsn, name, config.keyring), shown };
  } catch (error) {
    if (!(error instanceof SqlDeployError)) throw error;
    throw bodyProblem('dsn', `${error.message} ${error.hint}`);
  }
}

function bodyProblem(path: string, message: string): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: 'request_invalid',
    detail: 'The request is not in order: see errors. Nothing was changed.',
    hint: 'Mend what is named and send it again.',
    errors: [{ in: 'body', path, message }],
  });
}

/** A limited key hears the same of targets of others and of labels it may not give. */
function forbiddenTarget(): HttpProblem {
  return new HttpProblem({
    status: 403,
    code: 'target_forbidden',
    detail: 'This key may not use a target of that name, or with these labels. Nothing was changed.',
    hint: 'Use a key without that limit, or give the labels that this key is limited to.',
  });
}
