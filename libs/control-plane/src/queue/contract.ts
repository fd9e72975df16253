import { z } from 'zod';

/** The one queue. Each job says: look at this deployment, something may be to do. */
export const QUEUE_NAME = 'postgres-manager-deployments';
export const JOB_NAME = 'ring';
/** Braces keep all keys of the queue in one slot of a Redis Cluster. */
export const QUEUE_PREFIX = '{postgres-manager}';

/** What a job carries: an id and nothing else. All else is in the control database. */
export const jobPayload = z.strictObject({ deploymentId: z.uuid() });
export type JobPayload = z.infer<typeof jobPayload>;

/** One job for each time a deployment changes hands: ringing twice is ringing once. */
export function jobId(deploymentId: string, epoch: number): string {
  return `${deploymentId}-${epoch}`;
}

/** The channel on which processes tell each other what has new events: hints, never a record. */
export const CHANGES_CHANNEL = 'postgres-manager:changes';

/** What is told on it: deployments and rollouts with new events, and whether one of the former is to be cancelled. */
export const changeMessage = z.strictObject({
  deploymentIds: z.array(z.uuid()),
  cancel: z.boolean(),
  rolloutIds: z.array(z.uuid()).optional(),
});
export type ChangeMessage = z.infer<typeof changeMessage>;
