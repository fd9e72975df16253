import { DAYS, isTimeZone, MOST_ROLLOUT_TARGETS } from '@postgres-manager/control-plane';
import { z } from 'zod';
import * as schemas from '../schemas.ts';

const MOST_WAVES = 50;
const MOST_PARALLEL = 500;
const A_WEEK_S = 604_800;

const count = (least: number) =>
  z
    .int('Is to be a whole number.')
    .min(least, `Is to be at least ${least}.`)
    .max(MOST_ROLLOUT_TARGETS, 'Is too large.');
const percent = (least: number) =>
  z.number('Is to be a number.').min(least, `Is to be at least ${least}.`).max(100, 'Is to be at most 100.');
const parallel = z
  .int('Is to be a whole number.')
  .min(1, 'Is to be at least 1.')
  .max(MOST_PARALLEL, `Is to be at most ${MOST_PARALLEL}.`);

/** Labels, each with one value or several. */
export const selector = z
  .record(
    schemas.labelName,
    z.union([schemas.labelValue, z.array(schemas.labelValue).min(1, 'Is not to be empty.').max(200, 'Are too many.')], {
      error: 'Is to be a value, or a list of values.',
    }),
  )
  .refine((map) => Object.keys(map).length <= 50, 'There are more than 50 labels.');

const wave = z.union(
  [
    z.literal('rest'),
    z.strictObject({ count: count(1) }),
    z.strictObject({ percent: percent(0.01) }),
    z.strictObject({ selector }),
  ],
  { error: 'Is to be {"count": N}, {"percent": N}, {"selector": {…}} or "rest".' },
);

const time = z.string('Is to be a time.').regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Is to be a time of the day as in 22:00.');
const window = z.strictObject({
  days: z
    .array(z.enum(DAYS, { error: `Is to be one of ${DAYS.join(', ')}.` }))
    .min(1, 'Is not to be empty.')
    .max(7, 'A week has seven days.')
    .default([...DAYS])
    .describe('Days on which it begins; left out: all.'),
  from: time,
  to: time.describe('At or before `from` it is that of the next day.'),
  timeZone: z.string().refine(isTimeZone, 'Is to be a time zone as in Europe/Berlin.').default('UTC'),
});

/** What is asked for with POST /v1/rollouts. */
export const rolloutBody = z
  .strictObject({
    mode: schemas.mode,
    bundle: schemas.digest.optional().describe('Left out: the server’s own folders, as they are now.'),
    targets: z
      .array(schemas.targetName)
      .min(1, 'Is not to be empty.')
      .max(MOST_ROLLOUT_TARGETS, `Are more than ${MOST_ROLLOUT_TARGETS}.`)
      .refine((names) => new Set(names).size === names.length, 'A target is named more than once.')
      .optional()
      .describe('By name, in the order in which they are to come.'),
    selector: selector.optional().describe('Instead of `targets`: those with these labels, by name; {} is all.'),
    waves: z
      .array(wave)
      .min(1, 'Is not to be empty.')
      .max(MOST_WAVES, `Are more than ${MOST_WAVES}.`)
      .default([{ count: 1 }, { percent: 10 }, 'rest'])
      .describe('Each takes from what the ones before have left; percentages are of all, rounded up.'),
    maxParallel: parallel.default(20).describe('So many of its targets are under way at a time.'),
    maxParallelPerServer: parallel.default(4).describe('And so many of one server (host and port).'),
    failureBudget: z
      .union([z.strictObject({ count: count(0) }), z.strictObject({ percent: percent(0) })], {
        error: 'Is to be {"count": N} or {"percent": N}.',
      })
      .default({ count: 0 })
      .describe('When more have failed, nothing more is started. Percentages are of all, rounded down.'),
    between: z
      .union(
        [
          z.enum(['auto', 'manual']),
          z.strictObject({ seconds: z.int('Is to be a whole number.').min(1).max(A_WEEK_S) }),
        ],
        { error: 'Is to be "auto", "manual" or {"seconds": N}, a week at most.' },
      )
      .default('auto')
      .describe('What comes between a wave and the next: nothing, a person (promote), or a time.'),
    dryRun: z.boolean('Is to be true or false.').default(false).describe('Only the plans: no target is changed.'),
    notBefore: schemas.timestamp.optional().describe('Not to begin before then.'),
    window: window.optional().describe('Nothing is started outside it, nor what would not fit into the rest of it.'),
    priority: z
      .int('Is to be a whole number.')
      .min(-100, 'Is to be from -100 to 100.')
      .max(100, 'Is to be from -100 to 100.')
      .default(0)
      .describe('Higher goes first in each target’s line.'),
    acceptTrouble: z
      .boolean('Is to be true or false.')
      .default(false)
      .describe('Go on though it is known of some targets that the bundle will be refused there.'),
  })
  .refine((body) => (body.targets === undefined) !== (body.selector === undefined), {
    message: 'Give targets or selector: one of the two.',
    path: ['targets'],
  });

export type RolloutBody = z.output<typeof rolloutBody>;
