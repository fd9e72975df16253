import { findRollout, type Steering, steerRollout } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { notFound } from '../http/problem.ts';
import { type Answer, type AnyRoute, type Input, route } from '../http/route.ts';
import * as shapes from '../rollouts/rollout-schemas.ts';
import * as schemas from '../schemas.ts';

const params = z.strictObject({ id: schemas.id });
const reason = schemas.text(1000);
const reasonBody = z.strictObject({ reason: reason.optional() }).default({});
const bundle = schemas.digest
  .optional()
  .describe(
    'Another bundle goes on in its place, for all that is unfinished. It must not change a file that a target of the rollout has applied.',
  );

export const rolloutSteeringRoutes: AnyRoute[] = [
  steering({
    name: 'pause',
    summary: 'Start no more targets, until it is resumed',
    description: 'What runs is left to end: `pausing`, then `paused`.',
    body: reasonBody,
    steer: (body) => ({ action: 'pause', reason: body.reason ?? null }),
  }),
  steering({
    name: 'resume',
    summary: 'Go on with what is unfinished',
    description:
      'After a pause or a stop. The budget begins anew. Targets that failed stay failed, unless `retryFailed` says otherwise, or another `bundle` is given: then they come again.',
    body: z.strictObject({ bundle, retryFailed: z.boolean('Is to be true or false.').optional() }).default({}),
    steer: (body) => ({
      action: 'resume',
      bundle: body.bundle ?? null,
      retryFailed: body.retryFailed ?? body.bundle !== undefined,
    }),
  }),
  steering({
    name: 'retry-failed',
    summary: 'Try again what failed, needs a person or was cancelled, and go on',
    description: 'Also after its end. Each gets a new deployment, which carries on with what is not applied.',
    body: z.strictObject({ bundle }).default({}),
    steer: (body) => ({ action: 'resume', bundle: body.bundle ?? null, retryFailed: true }),
  }),
  steering({
    name: 'cancel',
    summary: 'End it, with what runs',
    description:
      'What waits never starts; what runs is cancelled, and the rollout is `cancelling` until the last backend has left its target. Files applied before stay applied.',
    body: reasonBody,
    steer: (body) => ({ action: 'cancel', reason: body.reason ?? null }),
  }),
  steering({
    name: 'promote',
    summary: 'Let the next wave begin',
    description: 'While it waits between two waves, for a person or for a time.',
    body: z
      .strictObject({
        wave: z
          .int('Is to be a whole number.')
          .min(2)
          .max(1000)
          .optional()
          .describe('The one that is meant, to be sure.'),
      })
      .default({}),
    steer: (body) => ({ action: 'promote', wave: body.wave ?? null }),
  }),
  steering({
    name: 'skip',
    summary: 'Leave targets out, with a reason',
    description: 'Those that wait, failed, need a person or were cancelled.',
    body: z.strictObject({
      targets: z.array(schemas.targetName).min(1, 'Is not to be empty.').max(1000, 'Are more than 1000.'),
      reason,
    }),
    steer: (body) => ({ action: 'skip', targets: body.targets, reason: body.reason }),
  }),
];

function steering<B extends z.ZodType>(declared: {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly body: B;
  readonly steer: (body: z.output<B>) => Steering;
}): AnyRoute {
  const { name, summary, description, body, steer } = declared;
  return route({
    method: 'post',
    path: `/v1/rollouts/{id}/${name}`,
    operationId: `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Rollout`,
    tag: 'Rollouts',
    summary,
    description: `${description} Sent twice it is done once.`,
    role: 'deployer',
    params,
    query: schemas.nothing,
    body,
    responses: { 200: { description: 'The rollout as it stands then.', schema: shapes.rollout } },
    handle: (input) => carryOut(input, steer(input.body)),
  });
}

async function carryOut(
  { params: { id }, caller, services }: Input<z.output<typeof params>, unknown, unknown>,
  steering: Steering,
): Promise<Answer> {
  if ((await findRollout(services.db, id, caller.labels)) === null) {
    throw notFound('rollout of that id', 'rollout_unknown');
  }
  if (steering.action === 'resume' && steering.bundle !== null) await requireFit(id, steering.bundle, caller, services);
  const moved = await steerRollout(services.db, id, steering, caller.actor);
  if (moved !== null) services.rollouts.moved(id, moved);
  const rollout = await findRollout(services.db, id, caller.labels);
  if (rollout === null) throw notFound('rollout of that id', 'rollout_unknown');
  return { status: 200, body: rollout };
}

async function requireFit(
  id: string,
  digest: string,
  caller: Input<unknown, unknown, unknown>['caller'],
  services: Input<unknown, unknown, unknown>['services'],
): Promise<void> {
  const rollout = await findRollout(services.db, id, caller.labels);
  if (rollout !== null) await services.bundles.requireFit(digest, rollout.mode);
}
