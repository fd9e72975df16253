/** Where a rollout stands. */
export type RolloutStatus =
  | 'awaiting_approval'
  | 'scheduled'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'cancelling'
  | 'cancelled'
  | 'succeeded'
  | 'failed';

/** From each status, those it may go to. */
const TRANSITIONS: Readonly<Record<RolloutStatus, readonly RolloutStatus[]>> = {
  // Before a wave that nothing else can be done than to wait for.
  awaiting_approval: ['running', 'paused', 'stopped', 'cancelling', 'cancelled', 'succeeded', 'failed'],
  scheduled: ['awaiting_approval', 'running', 'paused', 'cancelling', 'cancelled'],
  running: [
    'awaiting_approval',
    'pausing',
    'paused',
    'stopping',
    'stopped',
    'cancelling',
    'cancelled',
    'succeeded',
    'failed',
  ],
  // What runs at a pause or a stop is left to end, and may be the last there is.
  pausing: ['running', 'paused', 'stopping', 'stopped', 'cancelling', 'cancelled', 'succeeded', 'failed'],
  paused: ['running', 'scheduled', 'cancelling', 'cancelled', 'succeeded', 'failed'],
  stopping: ['running', 'stopped', 'cancelling', 'cancelled', 'failed'],
  stopped: ['running', 'cancelling', 'cancelled', 'succeeded', 'failed'],
  cancelling: ['cancelled'],
  cancelled: [],
  succeeded: [],
  // It went to its end, and some of its targets failed: these may be tried again.
  failed: ['running'],
};

export const ROLLOUT_STATUSES = Object.keys(TRANSITIONS) as readonly RolloutStatus[];

/** May a rollout go from the one status to the other? */
export function rolloutMayGo(from: RolloutStatus, to: RolloutStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Nothing more happens by itself, and nothing of it runs: a person may still resume some of these. */
export function isAtRest(status: RolloutStatus): boolean {
  return ['paused', 'stopped', 'cancelled', 'succeeded', 'failed'].includes(status);
}

/** It has come to its end. What failed in it may be tried again, which makes it go on. */
export function isRolloutFinal(status: RolloutStatus): boolean {
  return ['cancelled', 'succeeded', 'failed'].includes(status);
}

/** Where one target of a rollout stands. `started`: its deployment is in the target's line, or runs. */
export type RolloutTargetState =
  | 'pending'
  | 'started'
  | 'succeeded'
  | 'failed'
  | 'needs_attention'
  | 'cancelled'
  | 'skipped';

export const ROLLOUT_TARGET_STATES: readonly RolloutTargetState[] = [
  'pending',
  'started',
  'succeeded',
  'failed',
  'needs_attention',
  'cancelled',
  'skipped',
];

/** How many targets stand where. */
export type StateCounts = Readonly<Record<RolloutTargetState, number>>;

export const NO_COUNTS: StateCounts = {
  pending: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
  needs_attention: 0,
  cancelled: 0,
  skipped: 0,
};

export function sumCounts(all: readonly StateCounts[]): StateCounts {
  const sum = { ...NO_COUNTS };
  for (const counts of all) for (const state of ROLLOUT_TARGET_STATES) sum[state] += counts[state];
  return sum;
}
