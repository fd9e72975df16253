import { type FlagName } from '../../flags.ts';
import { flagSource, type Input, MAX_NAME_LENGTH, MAX_PATH_LENGTH, readSwitch, reportMissing } from '../../input.ts';
import { readBoolean, readChoice, readText } from '../../values.ts';
import type { ClientInvocation, StartRolloutRequest, SteerRolloutRequest } from './client-invocation.ts';
import { readId, readInteger, readMoment } from './client-values.ts';
import { readPlan } from './read-approval.ts';
import { readLimit, refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';
import { readBetween, readBudget, readNames, readSelector, readWaves, readWindow } from './rollout-values.ts';

const VERBS = [
  'start',
  'list',
  'show',
  'targets',
  'follow',
  'pause',
  'resume',
  'cancel',
  'retry-failed',
  'skip',
  'promote',
  'approve',
  'reject',
] as const;
type Verb = (typeof VERBS)[number];

const MODES = ['create', 'deployment', 'manual-deployment'] as const;
const STATUSES = [
  'awaiting_approval',
  'scheduled',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'cancelling',
  'cancelled',
  'succeeded',
  'failed',
] as const;
const STATES = ['pending', 'started', 'succeeded', 'failed', 'needs_attention', 'cancelled', 'skipped'] as const;
const FLEET_STATES = ['never_seen', 'moving', 'failed', 'changed', 'behind', 'current', 'seen'] as const;

/** Which verbs take a flag. */
const OWNERS: Partial<Record<FlagName, readonly Verb[]>> = {
  mode: ['start'],
  label: ['start'],
  all: ['start'],
  waves: ['start'],
  'max-parallel': ['start'],
  'max-parallel-per-server': ['start'],
  'failure-budget': ['start'],
  between: ['start'],
  window: ['start'],
  'accept-trouble': ['start'],
  'not-before': ['start'],
  priority: ['start'],
  'idempotency-key': ['start'],
  'dry-run': ['start'],
  targets: ['start', 'skip'],
  bundle: ['start', 'resume', 'retry-failed'],
  wait: ['start', 'resume', 'retry-failed', 'promote', 'approve', 'cancel'],
  status: ['list'],
  limit: ['list', 'targets'],
  state: ['targets'],
  wave: ['targets', 'promote', 'approve'],
  plan: ['approve'],
  reason: ['pause', 'cancel', 'skip', 'reject'],
  'retry-failed': ['resume'],
};

/** Reads `rollout` and its verbs; without one it is the list. */
export function readRollout(input: Input): ClientInvocation | null {
  const [first = 'list', second, ...more] = input.line.operands;
  const verb = VERBS.find((candidate) => candidate === first);
  if (verb === undefined || more.length > 0) return wrongVerb(input, first, VERBS);
  for (const [flag, owners] of Object.entries(OWNERS) as [FlagName, readonly Verb[]][]) {
    if (!owners.includes(verb)) refuseFlags(input, [flag], owners.map((owner) => `rollout ${owner}`).join(', '));
  }
  if (verb === 'start' || verb === 'list') {
    if (second !== undefined) input.faults.push(`rollout ${verb} takes no argument`);
    return verb === 'start' ? readStart(input) : readList(input);
  }
  if (second === undefined)
    input.faults.push(`rollout ${verb} needs the id of a rollout, as \`postgres-manager rollout list\` shows it`);
  const id = readId(second, input.faults);
  return id === null ? null : readOne(input, verb, id);
}

function readList(input: Input): ClientInvocation {
  const status = readChoice(flagSource(input, 'status'), STATUSES, input.faults);
  return { command: 'rollouts', status, limit: readLimit(input) };
}

function readOne(input: Input, verb: Exclude<Verb, 'start' | 'list'>, id: string): ClientInvocation | null {
  if (verb === 'show') return { command: 'rollout', id };
  if (verb === 'follow') return { command: 'follow-rollout', id };
  const wave = readInteger(flagSource(input, 'wave'), 1, 1000, input.faults);
  if (verb === 'targets') {
    const state = readChoice(flagSource(input, 'state'), STATES, input.faults);
    return { command: 'rollout-targets', id, state, wave, limit: readLimit(input) };
  }
  if (verb === 'approve' && !input.line.values.has('plan')) {
    refuseFlags(input, ['wave', 'wait'], 'rollout approve --plan: without it nothing is approved');
    return { command: 'rollout-approval', id };
  }
  refuseDryRun(input, `rollout ${verb}`);
  return readSteering(input, verb, id, wave);
}

function readSteering(
  input: Input,
  verb: SteerRolloutRequest['verb'],
  id: string,
  wave: number | null,
): SteerRolloutRequest {
  const { faults } = input;
  const targets = readNames(flagSource(input, 'targets'), faults);
  const reason = readText(flagSource(input, 'reason'), 1000, faults);
  if (verb === 'skip' && !input.line.values.has('targets'))
    reportMissing(input, 'targets', '--targets is missing: which to leave out');
  if (verb === 'skip' && !input.line.values.has('reason'))
    reportMissing(input, 'reason', '--reason is missing: why they are left out');
  if (verb === 'reject' && !input.line.values.has('reason'))
    reportMissing(input, 'reason', '--reason is missing: why it is not to go on');
  return {
    command: 'steer-rollout',
    verb,
    id,
    targets,
    reason,
    wave,
    plan: readPlan(input),
    bundle: readText(flagSource(input, 'bundle'), MAX_PATH_LENGTH, faults),
    retryFailed: input.line.values.has('retry-failed') ? readSwitch(input, 'retry-failed') : null,
    wait: readSwitch(input, 'wait'),
  };
}

function readStart(input: Input): StartRolloutRequest | null {
  const { faults, line } = input;
  const mode = readChoice(flagSource(input, 'mode'), MODES, faults);
  if (!line.values.has('mode'))
    reportMissing(input, 'mode', '--mode is missing: create, deployment or manual-deployment');
  const targets = readNames(flagSource(input, 'targets'), faults);
  const labels = line.lists.get('label') ?? [];
  const isAll = readSwitch(input, 'all');
  const ways = [line.values.has('targets'), labels.length > 0, isAll].filter(Boolean).length;
  if (ways !== 1 && !line.spokenOf.has('targets')) {
    faults.push('say which targets it is for, one way: --targets NAME,NAME, --label NAME=VALUE, or --all');
  }
  const dryRunSource = flagSource(input, 'dry-run', ['DRY_RUN', input.environment.dryRun]);
  const rest = {
    targets,
    selector: labels.length > 0 ? readSelector(labels, faults) : isAll ? {} : null,
    bundle: readText(flagSource(input, 'bundle'), MAX_PATH_LENGTH, faults),
    waves: readWaves(flagSource(input, 'waves'), faults),
    maxParallel: readInteger(flagSource(input, 'max-parallel'), 1, 500, faults),
    maxParallelPerServer: readInteger(flagSource(input, 'max-parallel-per-server'), 1, 500, faults),
    failureBudget: readBudget(flagSource(input, 'failure-budget'), faults),
    between: readBetween(flagSource(input, 'between'), faults),
    window: readWindow(flagSource(input, 'window'), faults),
    dryRun: readBoolean(dryRunSource, faults) ?? false,
    notBefore: readMoment(flagSource(input, 'not-before'), faults),
    priority: readInteger(flagSource(input, 'priority'), -100, 100, faults),
    acceptTrouble: readSwitch(input, 'accept-trouble'),
    idempotencyKey: readText(flagSource(input, 'idempotency-key'), MAX_NAME_LENGTH, faults),
    wait: readSwitch(input, 'wait'),
  };
  return mode === null ? null : { command: 'start-rollout', mode, ...rest };
}

/** Reads `fleet`. */
export function readFleet(input: Input): ClientInvocation {
  const { faults, line } = input;
  if (line.operands.length > 0) faults.push(`fleet takes no argument`);
  const labels = line.lists.get('label') ?? [];
  readSelector(labels, faults);
  return {
    command: 'fleet',
    labels,
    bundle: readText(flagSource(input, 'bundle'), MAX_PATH_LENGTH, faults),
    state: readChoice(flagSource(input, 'state'), FLEET_STATES, faults),
  };
}
