import type { OperationId } from '../api/client.ts';

/** Steps and statements come by the hundred and change nothing that a list shows. */
const PROGRESS = /^(?:step|statement|progress|notice)/;

/** Lists and sums that a deployment's beginning or end changes. */
const OF_A_CHANGE: readonly OperationId[] = [
  'getDeploymentApproval',
  'getFleet',
  'getFleetFiles',
  'getQueue',
  'getQueueDepth',
  'listDeployments',
  'listRollouts',
  'getRollout',
  'getRolloutApproval',
  'getRolloutProgress',
  'listRolloutTargets',
  'listTargets',
  'getTarget',
  'getBundle',
  'listBundles',
  'listWorkers',
];

/**
 * Which questions an event makes stale. A call of the API that is to be kept up to date by events belongs in this list;
 * all others are asked anew by the clock alone.
 */
export function whatChanges(eventType: string): readonly string[] {
  return PROGRESS.test(eventType) ? ['getDeployment'] : ['getDeployment', ...OF_A_CHANGE];
}
