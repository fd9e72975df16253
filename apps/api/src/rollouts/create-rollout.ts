import {
  enterRollout,
  findIdempotentRollout,
  findNamedTargets,
  findRollout,
  findSelectedTargets,
  findTargetsOfWaves,
  findTrouble,
  MOST_ROLLOUT_TARGETS,
  type NewRollout,
  planWaves,
  type RolloutCandidate,
  type TargetTrouble,
} from '@postgres-manager/control-plane';
import { idempotencyKeyOf } from '../deployments/create-deployment.ts';
import { traceParentOf } from '../deployments/trace-parent.ts';
import { type Fault, HttpProblem, notFound } from '../http/problem.ts';
import type { Answer, Input } from '../http/route.ts';
import type { RolloutBody } from './rollout-body.ts';

type PostInput = Input<unknown, unknown, RolloutBody>;

/**
 * Resolves the targets, deals them out to waves, and records the rollout: once for each Idempotency-Key.
 * @throws HttpProblem for unknown targets, waves that don't work out, a bundle with problems, targets known to be in trouble
 */
export async function createRollout(input: PostInput): Promise<Answer> {
  const { services, caller } = input;
  const key = idempotencyKeyOf(input);
  const before = key === null ? null : await findIdempotentRollout(services.db.pool, key);
  if (before !== null) return await answer(input, before, true);
  const entered = await enterRollout(services.db, await wantedOf(input), caller.actor, key);
  if (!entered.replayed) services.rollouts.moved(entered.id, entered.moved);
  return await answer(input, entered.id, entered.replayed);
}

async function wantedOf(input: PostInput): Promise<NewRollout> {
  const { body, services, caller, request } = input;
  const targets = await resolveTargets(input);
  const waves = dealOut(targets, body);
  const digest = body.bundle ?? (await services.bundles.takeServerFolders(caller.actor)).digest;
  await services.bundles.requireFit(digest, body.mode);
  if (body.mode === 'deployment' && !body.dryRun && !body.acceptTrouble) {
    const ids = targets.map(({ id }) => id);
    const trouble = await findTrouble(services.db, ids, digest);
    if (trouble.length > 0) throw inTrouble(trouble, targets.length);
  }
  const share = 'percent' in body.failureBudget ? body.failureBudget.percent / 100 : null;
  const budget = 'count' in body.failureBudget ? body.failureBudget.count : Math.floor(targets.length * (share ?? 0));
  const between =
    typeof body.between === 'string' ? { kind: body.between } : { kind: 'seconds' as const, ...body.between };
  return {
    mode: body.mode,
    bundleDigest: digest,
    dryRun: body.dryRun,
    priority: body.priority,
    request: { selector: body.selector ?? null, waves: body.waves, failureBudget: body.failureBudget },
    waves,
    maxParallel: body.maxParallel,
    maxParallelPerServer: body.maxParallelPerServer,
    notBefore: body.notBefore ?? null,
    traceParent: traceParentOf(request),
    // A dry run changes nothing: it tells of all targets, whatever is found on some, and at once.
    failureBudget: body.dryRun ? targets.length : budget,
    between: body.dryRun ? { kind: 'auto' } : between,
    window: body.dryRun ? null : (body.window ?? null),
  };
}

async function resolveTargets({ body, caller, services }: PostInput): Promise<RolloutCandidate[]> {
  if (body.targets === undefined) {
    const found = await findSelectedTargets(services.db, body.selector ?? {}, caller.labels);
    if (found.length === 0) throw refused([fault('selector', 'No target that this key may use has these labels.')]);
    if (found.length <= MOST_ROLLOUT_TARGETS) return found;
    throw refused([fault('selector', `More than ${MOST_ROLLOUT_TARGETS} targets have these labels.`)]);
  }
  const found = await findNamedTargets(services.db, body.targets, caller.labels);
  const names = new Set(found.map(({ name }) => name));
  const faults = body.targets.flatMap((name, index) =>
    names.has(name) ? [] : [fault(`targets.${index}`, 'There is no such target that this key may use.')],
  );
  if (faults.length > 0) throw refused(faults);
  return found;
}

function dealOut(targets: readonly RolloutCandidate[], body: RolloutBody): NewRollout['waves'] {
  const { waves, faults } = planWaves(targets, body.waves);
  if (faults.length === 0) return waves;
  throw refused(faults.map(({ wave, message }) => fault(wave === null ? 'waves' : `waves.${wave}`, message)));
}

function fault(path: string, message: string): Fault {
  return { in: 'body', path, message };
}

function refused(errors: readonly Fault[]): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: 'request_invalid',
    detail: `${errors.length === 1 ? 'A part' : `${errors.length} parts`} of the request ${errors.length === 1 ? 'is' : 'are'} not in order: see errors. No rollout was made.`,
    hint: 'Mend what is named and send it again; GET /v1/targets lists the targets with their labels.',
    errors: errors.slice(0, 100),
  });
}

const MOST_FILES = 3;

function inTrouble(trouble: readonly TargetTrouble[], total: number): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: 'targets_in_trouble',
    detail: `Of ${total} targets ${trouble.length} would refuse this bundle, by what is known of their ledgers: see errors. No rollout was made.`,
    hint: 'Mend the bundle, or leave these targets out. Where a ledger is known wrongly (a restored backup), a rollout with `dryRun` looks anew; `acceptTrouble` begins all the same.',
    errors: trouble.slice(0, 100).map((one) => fault('targets', `${one.target}: ${troubleText(one)}`)),
  });
}

function troubleText({ missing, changed, createIncomplete }: TargetTrouble): string {
  const list = (paths: readonly string[]): string =>
    `${paths.slice(0, MOST_FILES).join(', ')}${paths.length > MOST_FILES ? ` and ${paths.length - MOST_FILES} more` : ''}`;
  return [
    ...(createIncomplete ? ['its create is half done.'] : []),
    ...(missing.length > 0 ? [`applied there, and not in the bundle: ${list(missing)}.`] : []),
    ...(changed.length > 0 ? [`changed since it was applied there: ${list(changed)}.`] : []),
  ].join(' ');
}

async function answer({ services, caller }: PostInput, id: string, replayed: boolean): Promise<Answer> {
  const rollout = await findRollout(services.db, id, caller.labels);
  if (rollout === null) throw notFound('rollout of that id', 'rollout_unknown');
  const names = await findTargetsOfWaves(services.db, id);
  return {
    status: 202,
    body: { ...rollout, waves: rollout.waves.map((wave, index) => ({ ...wave, targets: names[index] ?? [] })) },
    headers: { location: `/v1/rollouts/${id}`, ...(replayed ? { 'idempotent-replayed': 'true' } : {}) },
  };
}
