import { FILE_STATES, findFleet, findFleetFiles, FLEET_STATES, groupFleet } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import * as schemas from '../schemas.ts';
import type { Services } from '../services.ts';

const time = z.string().meta({ format: 'date-time' });
const state = z.enum(FLEET_STATES as [(typeof FLEET_STATES)[number]], {
  error: `Is to be one of ${FLEET_STATES.join(', ')}.`,
});
const fleet = z.object({
  bundle: z.string().nullable(),
  count: z.int(),
  states: z.record(state, z.int()),
  byFingerprint: z
    .array(
      z.object({
        fingerprint: z.string().nullable().describe('null: never seen.'),
        ordinal: z.int().nullable(),
        lastFile: z.string().nullable(),
        count: z.int(),
        targets: z.array(z.string()).describe('The first 20, by name.'),
      }),
    )
    .describe('Those that have the same files of deployment/ applied, byte for byte; the odd ones out are last.'),
  byLabel: z.array(
    z.object({
      label: z.string(),
      value: z.string(),
      count: z.int(),
      states: z.partialRecord(state, z.int()),
      fingerprints: z.int().describe('More than one: somebody here is the odd one out.'),
    }),
  ),
  targets: z.array(
    z.object({
      target: z.string(),
      labels: z.record(z.string(), z.string()),
      state,
      ordinal: z.int().nullable(),
      lastFile: z.string().nullable(),
      pending: z.int().nullable(),
      changed: z.array(z.string()),
      missing: z.array(z.string()),
      fingerprint: z.string().nullable(),
      lastDeployment: z.object({ id: z.string(), status: z.string(), createdAt: time }).nullable(),
      lastContact: time.nullable(),
    }),
  ),
});

const fleetFiles = z.object({
  bundle: z.string().nullable(),
  legend: z.record(z.string(), z.string()).describe('What each letter of `states` means.'),
  files: z
    .array(z.object({ path: z.string(), sha256: z.string().nullable() }))
    .describe('The newest last. `sha256` is the bundle’s (null: it lacks the file), or else that of most targets.'),
  targets: z
    .array(z.object({ target: z.string(), states: z.string() }))
    .describe('By name; `states` has one letter for each of `files`.'),
});
const last = z.coerce
  .number({ error: 'Is not a number.' })
  .int('Is to be a whole number.')
  .min(1, 'Is to be from 1 to 100.')
  .max(100, 'Is to be from 1 to 100.')
  .default(20);

export const fleetRoutes = [
  route({
    method: 'get',
    path: '/v1/fleet',
    operationId: 'getFleet',
    tag: 'Targets',
    summary: 'Where every target stands',
    description:
      'As workers last saw them. With `bundle` also what each lacks of it: behind, changed, current. The states and groups are of all that `label` leaves; `state` chooses which are listed.',
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      bundle: schemas.digest.optional(),
      label: schemas.labelFilter.optional(),
      state: state.optional(),
    }),
    body: null,
    responses: { 200: { description: 'The fleet.', schema: fleet } },
    handle: async ({ query, caller, services }) => {
      const bundle = query.bundle ?? null;
      await requireBundle(services, bundle);
      const targets = await findFleet(services.db, { bundle, labels: query.label ?? {}, allowed: caller.labels });
      const listed = query.state === undefined ? targets : targets.filter((target) => target.state === query.state);
      return { status: 200, body: { bundle, count: targets.length, ...groupFleet(targets), targets: listed } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/fleet/files',
    operationId: 'getFleetFiles',
    tag: 'Targets',
    summary: 'Which target has which file of deployment/',
    description: `The last files that the bundle or any target has, and one letter for each of them and each target, as workers last saw it: ${Object.entries(
      FILE_STATES,
    )
      .map(([letter, meaning]) => `\`${letter}\` ${meaning}`)
      .join('; ')}.`,
    role: 'viewer',
    params: schemas.nothing,
    query: z.strictObject({
      bundle: schemas.digest.optional(),
      label: schemas.labelFilter.optional(),
      last: last.describe('How many files, 100 at most.'),
    }),
    body: null,
    responses: { 200: { description: 'The files and the targets.', schema: fleetFiles } },
    handle: async ({ query, caller, services }) => {
      const bundle = query.bundle ?? null;
      await requireBundle(services, bundle);
      const wanted = { bundle, labels: query.label ?? {}, allowed: caller.labels, last: query.last };
      return { status: 200, body: { bundle, legend: FILE_STATES, ...(await findFleetFiles(services.db, wanted)) } };
    },
  }),
];

/** @throws HttpProblem 404 for a digest that no bundle has */
async function requireBundle({ bundles }: Services, digest: string | null): Promise<void> {
  if (digest === null || (await bundles.verdict(digest)) !== null) return;
  throw notFound('bundle of that digest', 'bundle_unknown');
}
