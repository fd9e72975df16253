import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { DeploymentStatus } from '@postgres-manager/control-plane';
import type { Reply } from '../support/service-stage.ts';
import { MOST_FILES, STUCK } from './files.ts';
import { isOver, type Known, type Model, see } from './model.ts';
import type { World } from './world.ts';

type Step = fc.AsyncCommand<Model, World>;

/** A command by its name, what it does, and when it may be done. */
function command(
  name: string,
  run: (model: Model, world: World) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Step {
  return { check, run, toString: () => name };
}

const hasAny = (model: Readonly<Model>): boolean => model.deployments.length > 0;

function pick(model: Model, place: number): Known {
  const known = model.deployments[place % model.deployments.length];
  if (known === undefined) throw new Error('There is no deployment to choose from.');
  return known;
}

/** Takes in a deployment that was answered 202, and which of the ones before it stands for. */
function enter(model: Model, { body }: Reply, like: Omit<Known, 'id' | 'status' | 'isCancelAsked'>): void {
  const status = body.status as DeploymentStatus;
  const known = model.deployments.find(({ id }) => id === body.id);
  if (known !== undefined) return see(known, status);
  const made: Known = { ...like, id: body.id, status: 'queued', isCancelAsked: false };
  model.deployments.push(made);
  see(made, status);
}

/** After an answer that was lost on its way something may be there that the model was not told of. */
async function discover(model: Model, world: World, like: Known): Promise<void> {
  const name = world.targets[like.target]?.name ?? '';
  const [{ body }] = await world.ask('GET', `/v1/deployments?target=${name}&limit=200`);
  for (const { id } of body.items) {
    if (model.deployments.some((known) => known.id === id)) continue;
    const { files, target, isDryRun } = like;
    model.deployments.push({ id, files, target, isDryRun, status: 'queued', isCancelAsked: true });
  }
}

function refused(reply: Reply, ...codes: string[]): void {
  if (!codes.includes(reply.body.code)) throw new Error(`refused with ${reply.status}: ${reply.text}`);
}

function post(target: number, files: number, isDryRun: boolean): Step {
  return command(`post(${target}, ${files}${isDryRun ? ', dry run' : ''})`, async (model, world) => {
    const body = {
      target: world.targets[target]?.name,
      mode: 'deployment',
      bundle: world.digests[files - 1],
      dryRun: isDryRun,
    };
    const [reply] = await world.ask('POST', '/v1/deployments', body, randomUUID());
    if (reply.status === 202) enter(model, reply, { target, files, isDryRun });
    else refused(reply, 'bundle_lacks_applied');
  });
}

function cancel(place: number): Step {
  return command(
    `cancel(${place})`,
    async (model, world) => {
      const known = pick(model, place);
      known.isCancelAsked = true;
      const [reply] = await world.ask('POST', `/v1/deployments/${known.id}/cancel`);
      if (reply.status < 300) return see(known, reply.body.status as DeploymentStatus);
      refused(reply, 'deployment_final');
      await look(known, model, world);
      if (!isOver(known)) throw new Error(`${known.id} is ${known.status}, and was said to be final`);
    },
    hasAny,
  );
}

function retry(place: number): Step {
  return command(
    `retry(${place})`,
    async (model, world) => {
      const known = pick(model, place);
      const [reply, mayBeTwice] = await world.ask('POST', `/v1/deployments/${known.id}/retry`);
      if (reply.status === 202) enter(model, reply, known);
      else refused(reply, 'deployment_not_final');
      if (mayBeTwice) await discover(model, world, known);
    },
    hasAny,
  );
}

function resolve(place: number, outcome: 'applied' | 'not-applied'): Step {
  return command(
    `resolve(${place}, ${outcome})`,
    async (model, world) => {
      const known = pick(model, place);
      const body = { file: STUCK, outcome };
      // Counted before it is asked: an answer that is lost on its way may have been taken.
      (outcome === 'applied' ? model.applied : model.notApplied)[known.target]! += 1;
      const [reply, mayBeTwice] = await world.ask('POST', `/v1/deployments/${known.id}/resolve`, body);
      if (reply.status === 202) enter(model, reply, { ...known, isDryRun: false });
      else {
        refused(reply, 'deployment_not_resolvable', 'resolution_file_wrong', 'resolution_pending');
        if (!mayBeTwice) (outcome === 'applied' ? model.applied : model.notApplied)[known.target]! -= 1;
      }
      if (mayBeTwice) await discover(model, world, known);
    },
    hasAny,
  );
}

function protect(target: number, isSet: boolean): Step {
  return command(`${isSet ? '' : 'un'}protect(${target})`, async (model, world) => {
    if (isSet) model.wasProtected[target] = true;
    await world.protect(target, isSet);
  });
}

/** Approves what is shown, when it may be something else by then. */
function approve(place: number): Step {
  return command(
    `approve(${place})`,
    async (model, world) => {
      const known = pick(model, place);
      const reply = await world.approve(known.id);
      if (reply.status === 200) see(known, reply.body.status as DeploymentStatus);
      else refused(reply, 'approval_not_awaited', 'approval_plan_moved');
    },
    hasAny,
  );
}

function reject(place: number): Step {
  return command(
    `reject(${place})`,
    async (model, world) => {
      const known = pick(model, place);
      // Counted before it is asked: an answer that is lost on its way may have been taken.
      const wasAsked = known.isCancelAsked;
      known.isCancelAsked = true;
      const [reply, mayBeTwice] = await world.ask(
        'POST',
        `/v1/deployments/${known.id}/reject`,
        { reason: 'No.' },
        undefined,
        world.approverKey,
      );
      if (reply.status < 300) return see(known, reply.body.status as DeploymentStatus);
      refused(reply, 'approval_not_awaited');
      if (!mayBeTwice) known.isCancelAsked = wasAsked;
    },
    hasAny,
  );
}

function setGate(target: number, gate: 'shut' | 'jam', isSet: boolean): Step {
  return command(`${isSet ? '' : 'un'}${gate}(${target})`, async (model, world) => {
    if (gate === 'shut' && isSet) model.wasShut[target] = true;
    await world.setGate(target, gate, isSet);
  });
}

/** Looks at all; what is seen must follow from what was seen before. */
export async function lookAtAll(model: Model, world: World): Promise<void> {
  for (const known of model.deployments) await look(known, model, world);
}

async function look(known: Known, model: Model, world: World): Promise<void> {
  const [reply] = await world.ask('GET', `/v1/deployments/${known.id}`);
  if (reply.status !== 200) throw new Error(`${known.id}: ${reply.text}`);
  see(known, reply.body.status as DeploymentStatus);
  if (known.status === 'awaiting_approval' && model.wasProtected[known.target] !== true) {
    throw new Error(`${known.id} waits for an approval, and its target was never protected`);
  }
}

/** A fault tells most while something is under way: waits a little for that. */
async function untilSomethingRuns(model: Model, world: World): Promise<void> {
  for (let looks = 0; looks < 25; looks++) {
    await lookAtAll(model, world);
    if (model.deployments.some(({ status }) => status === 'running')) return;
    if (model.deployments.every(isOver)) return;
    await world.wait(40);
  }
}

const target = fc.nat({ max: 1 });
const place = fc.nat({ max: 30 });
const outcome = fc.constantFrom('applied' as const, 'not-applied' as const);
const always = (name: string, run: (model: Model, world: World) => Promise<void>): fc.Arbitrary<Step> =>
  fc.constant(command(name, run));
const often = (times: number, made: fc.Arbitrary<Step>): fc.Arbitrary<Step>[] =>
  Array.from({ length: times }, () => made);

/** Everything that users, operators and misfortune do. */
export const COMMANDS: fc.Arbitrary<Step>[] = [
  ...often(
    2,
    fc.tuple(target, fc.integer({ min: 1, max: MOST_FILES }), fc.constant(false)).map((args) => post(...args)),
  ),
  ...often(
    3,
    fc.tuple(target, fc.constant(MOST_FILES), fc.constant(false)).map((args) => post(...args)),
  ),
  target.map((at) => post(at, MOST_FILES, true)),
  ...often(2, place.map(cancel)),
  fc.tuple(target, fc.boolean()).map((args) => protect(...args)),
  ...often(3, place.map(approve)),
  place.map(reject),
  ...often(2, place.map(retry)),
  ...often(
    4,
    fc.tuple(place, outcome).map((args) => resolve(...args)),
  ),
  ...often(
    2,
    fc.tuple(target, fc.constantFrom('shut' as const, 'jam' as const), fc.boolean()).map((args) => setGate(...args)),
  ),
  always('stop the worker', (_, world) => world.stopWorker()),
  always('start the worker', (_, world) => world.startWorker()),
  ...often(
    2,
    always('start a process', (_, world) => world.startProcess()),
  ),
  always('freeze the process', async (_, world) => world.freezeProcess()),
  always('thaw the process', async (_, world) => world.thawProcess()),
  always('kill the process', (_, world) => world.killProcess()),
  always('empty Redis', (_, world) => world.flushRedis()),
  ...often(
    2,
    target.map((at) => command(`end the runs on ${at}`, (_, world) => world.endRuns(at))),
  ),
  always('cut the control database off', (_, world) => world.cutControl()),
  ...often(4, always('wait until something runs', untilSomethingRuns)),
  ...often(
    2,
    fc.integer({ min: 20, max: 400 }).map((ms) => command(`wait ${ms} ms`, (_, world) => world.wait(ms))),
  ),
  always('look', lookAtAll),
];
