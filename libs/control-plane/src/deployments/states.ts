/** Where a deployment stands. */
export type DeploymentStatus =
  | 'awaiting_approval'
  | 'scheduled'
  | 'queued'
  | 'running'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'needs_attention';

/** From each status, those it may go to. Final ones go nowhere: a retry is a new deployment. */
const TRANSITIONS: Readonly<Record<DeploymentStatus, readonly DeploymentStatus[]>> = {
  // To `queued` to be settled, or to `cancelling`, where a lost worker's run may still be going on in the target.
  awaiting_approval: ['scheduled', 'queued', 'cancelling', 'cancelled'],
  scheduled: ['queued', 'cancelled'],
  // To `cancelling` where a lost worker's run may still be going on in the target.
  queued: ['awaiting_approval', 'running', 'cancelling', 'cancelled'],
  running: ['awaiting_approval', 'queued', 'cancelling', 'succeeded', 'failed', 'cancelled', 'needs_attention'],
  // What was asked to stop may have committed its last file already, or have failed on its own.
  cancelling: ['cancelled', 'succeeded', 'failed', 'needs_attention'],
  succeeded: [],
  failed: [],
  cancelled: [],
  needs_attention: [],
};

export const STATUSES = Object.keys(TRANSITIONS) as readonly DeploymentStatus[];

export type FinalStatus = 'succeeded' | 'failed' | 'cancelled' | 'needs_attention';

/** Nothing follows on a final status. */
export function isFinal(status: DeploymentStatus): status is FinalStatus {
  return TRANSITIONS[status].length === 0;
}

/** May a deployment go from the one status to the other? */
export function mayGo(from: DeploymentStatus, to: DeploymentStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** The statuses from which `to` may be reached: what an UPDATE asks for in its WHERE. */
export function sourcesOf(to: DeploymentStatus): DeploymentStatus[] {
  return STATUSES.filter((from) => mayGo(from, to));
}
