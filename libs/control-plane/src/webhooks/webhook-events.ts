import { STATUSES } from '../deployments/states.ts';
import { ROLLOUT_STATUSES } from '../rollouts/rollout-states.ts';

/** Every type of message that there is: a status of a deployment or rollout, and what concerns webhooks themselves. */
export const WEBHOOK_EVENTS: readonly string[] = [
  ...STATUSES.map((status) => `deployment.${status}`),
  ...ROLLOUT_STATUSES.map((status) => `rollout.${status}`),
  'webhook.disabled',
  'webhook.test',
];

/** What may be asked for: types, all of a kind, or all. */
export const WEBHOOK_EVENT_PATTERNS: readonly string[] = [
  '*',
  'deployment.*',
  'rollout.*',
  'webhook.*',
  ...WEBHOOK_EVENTS,
];
