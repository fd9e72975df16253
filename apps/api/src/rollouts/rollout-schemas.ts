import { DAYS, ROLLOUT_STATUSES, ROLLOUT_TARGET_STATES } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { failure, waitingFor as deploymentWaitingFor, waitingForFreeze } from '../schemas.ts';

// What goes out of rollouts.
const time = z.string().meta({ format: 'date-time' });
export const rolloutStatus = z.enum(ROLLOUT_STATUSES as [(typeof ROLLOUT_STATUSES)[number]], {
  error: `Is to be one of ${ROLLOUT_STATUSES.join(', ')}.`,
});
export const targetState = z.enum(ROLLOUT_TARGET_STATES as [(typeof ROLLOUT_TARGET_STATES)[number]], {
  error: `Is to be one of ${ROLLOUT_TARGET_STATES.join(', ')}.`,
});
const counts = z.object({
  pending: z.int(),
  started: z.int().describe('In the target’s line, or running.'),
  succeeded: z.int(),
  failed: z.int(),
  needs_attention: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
});
const selection = z.union([
  z.literal('rest'),
  z.object({ count: z.int() }),
  z.object({ percent: z.number() }),
  z.object({ selector: z.record(z.string(), z.union([z.string(), z.array(z.string())])) }),
]);
export const wave = z.object({
  number: z.int(),
  selection,
  total: z.int(),
  counts,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
const waitingFor = z.union([
  z.object({ kind: z.literal('time'), until: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('window'), until: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('promotion'), wave: z.int() }),
  z.object({ kind: z.literal('targets'), started: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('resume'), reason: z.string() }),
  z.object({
    kind: z.literal('wave_approval'),
    wave: z.int().nullable().describe('Null: single deployments of it wait, each for its own approval.'),
    count: z.int(),
    targets: z.array(z.string()).describe('The first 20.'),
    reason: z.string(),
  }),
  waitingForFreeze,
]);
const targetWaitingFor = z.union([
  waitingFor,
  deploymentWaitingFor,
  z.object({ kind: z.literal('wave'), wave: z.int().describe('The wave that has to end first.') }),
  z.object({ kind: z.literal('room'), reason: z.string() }),
]);
export const rollout = z.object({
  id: z.string(),
  mode: z.string(),
  bundle: z.string().describe('What its next deployments bring.'),
  dryRun: z.boolean(),
  priority: z.int(),
  status: rolloutStatus,
  reason: z
    .object({ by: z.string().nullable(), at: time, reason: z.string() })
    .nullable()
    .describe('Who or what brought it there; `by` is null when it stopped by itself.'),
  waitingFor: waitingFor.nullable().describe('What it waits for; null when it moves or is at its end.'),
  request: z.object({
    selector: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullable(),
    waves: z.array(selection),
    failureBudget: z.union([z.object({ count: z.int() }), z.object({ percent: z.number() })]),
  }),
  maxParallel: z.int(),
  maxParallelPerServer: z.int(),
  failureBudget: z.int().describe('In targets.'),
  failures: z.int().describe('Since the last resume: what the budget is held against.'),
  between: z.union([
    z.object({ kind: z.literal('auto') }),
    z.object({ kind: z.literal('manual') }),
    z.object({ kind: z.literal('seconds'), seconds: z.int() }),
  ]),
  notBefore: time.nullable(),
  window: z.object({ days: z.array(z.enum(DAYS)), from: z.string(), to: z.string(), timeZone: z.string() }).nullable(),
  targets: z.int(),
  wave: z.int().describe('The wave that was opened last.'),
  waves: z.array(wave),
  counts,
  createdAt: time,
  createdBy: z.string(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  lastEvent: z.int().describe('The number of its latest event: where a watcher may begin.'),
});
export const createdRollout = rollout.extend({
  waves: z.array(wave.extend({ targets: z.array(z.string()).describe('By name, in their order.') })),
});
const PLAN_KINDS = [
  'needs',
  'behind',
  'ahead',
  'current',
  'changed',
  'refused',
  'unreachable',
  'failed',
  'skipped',
  'not_seen',
] as const;
export const rolloutDetail = rollout.extend({
  failed: z
    .array(
      z.object({
        sqlstate: z.string().nullable(),
        code: z.string(),
        file: z.string().nullable(),
        line: z.int().nullable(),
        column: z.int().nullable(),
        sourceLine: z.string().nullable(),
        message: z.string(),
        hint: z.string(),
        count: z.int(),
        targets: z.array(z.string()),
        deployment: z.string().describe('That of the first of them: an example of all.'),
      }),
    )
    .describe('What failed, the same failures together.'),
  waiting: z
    .array(z.object({ waitingFor: targetWaitingFor, count: z.int(), targets: z.array(z.string()) }))
    .describe('What the targets wait for, those that wait for the same together.'),
  pace: z
    .object({ perMinute: z.number(), expectedEnd: time.nullable(), basis: z.string() })
    .nullable()
    .describe('Null while it does not move, and at its beginning.'),
  plan: z
    .array(
      z.object({
        kind: z.enum(PLAN_KINDS),
        says: z.string(),
        files: z.array(z.string()).describe('Those that would be applied, in order.'),
        failure: failure.nullable(),
        count: z.int(),
        targets: z.array(z.string()).describe('The first 20.'),
      }),
    )
    .nullable()
    .describe('Of a dry run: what was found on the targets’ real ledgers, the same together. Null for others.'),
  bundles: z.array(z.object({ digest: z.string(), since: time, by: z.string() })),
});
export const rolloutProgress = z.object({
  targets: z.int().describe('How many there are.'),
  points: z.array(
    z.object({
      at: time,
      succeeded: z.int(),
      failed: z.int(),
      needs_attention: z.int(),
      cancelled: z.int(),
      skipped: z.int(),
    }),
  ),
});
export const rolloutTarget = z.object({
  target: z.string(),
  server: z.string(),
  wave: z.int(),
  position: z.int(),
  state: targetState,
  waitingFor: targetWaitingFor.nullable(),
  deployment: z.string().nullable().describe('Its latest deployment in this rollout.'),
  tries: z.int(),
  failure: failure.nullable(),
  skipped: z.object({ by: z.string(), reason: z.string() }).nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export const rolloutEvent = z.object({
  rolloutId: z.string(),
  number: z.int(),
  at: time,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});
