import type { WaitingForFreeze } from '../freezes/freeze.ts';
import type { WaitingForApproval } from '../protections/protection.ts';
import type { WaitingFor } from './deployment.ts';
import type { DeploymentStatus } from './states.ts';

/** What is known of a deployment that may be waiting. Times are ISO 8601, UTC. */
export interface Standing {
  readonly status: DeploymentStatus;
  readonly notBefore: string | null;
  readonly nextAttemptAt: string | null;
  /** What the worker that handed it back said, or for whose approval it waits. */
  readonly waiting:
    | { readonly kind: 'lock'; readonly holder: string; readonly since: string }
    | { readonly kind: 'retry'; readonly reason: string }
    | WaitingForApproval
    | null;
  /** The one before it in the target's line that is not final. */
  readonly predecessor: { readonly id: string; readonly status: DeploymentStatus } | null;
  /** What stands over its target. */
  readonly freeze?: WaitingForFreeze | null;
}

/** A row that does not move says what it waits for: nothing for one that runs or is final. */
export function waitingFor(standing: Standing): WaitingFor | null {
  const { status, waiting, predecessor, freeze = null } = standing;
  if (status === 'awaiting_approval') return waiting?.kind === 'approval' ? waiting : null;
  if (status === 'scheduled') {
    return { kind: 'time', until: standing.notBefore ?? '', reason: 'It is not to begin before then.' };
  }
  if (status !== 'queued') return null;
  if (freeze !== null) return freeze;
  if (predecessor !== null) {
    return { kind: 'predecessor', deploymentId: predecessor.id, status: predecessor.status };
  }
  if (waiting?.kind === 'lock') return waiting;
  if (waiting?.kind === 'retry') return { kind: 'time', until: standing.nextAttemptAt ?? '', reason: waiting.reason };
  return { kind: 'worker' };
}
