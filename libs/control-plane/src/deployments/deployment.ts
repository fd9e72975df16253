import type { Mode, Status } from '@postgres-manager/sql-deploy';
import type { ApprovalInfo } from '../approvals/approval.ts';
import type { WaitingForFreeze } from '../freezes/freeze.ts';
import type { WaitingForApproval } from '../protections/protection.ts';
import type { DeploymentFailure } from './deployment-failure.ts';
import type { StoredResolution } from './resolution.ts';
import type { DeploymentStatus } from './states.ts';

/** What a deployment that does not move waits for. */
export type WaitingFor =
  | { readonly kind: 'time'; readonly until: string; readonly reason: string }
  | { readonly kind: 'predecessor'; readonly deploymentId: string; readonly status: DeploymentStatus }
  | { readonly kind: 'lock'; readonly holder: string; readonly since: string }
  | { readonly kind: 'worker' }
  | WaitingForApproval
  | WaitingForFreeze;

/** What a run came to, as far as it got; added up over the attempts. */
export interface Summary {
  /** How the last run ended, in the library's words: `nothing_to_do` is a success, `invalid` and `refused` are failures. */
  readonly result: Status;
  /** Paths of the files that this deployment applied, in order. */
  readonly applied: readonly string[];
  readonly skipped: number;
  readonly baselined: number;
  readonly adopted: number;
  readonly notStarted: readonly string[];
  /** All failures: more than one only for a create with `onError: continue`. */
  readonly failures: readonly DeploymentFailure[];
}

/** A deployment as lists show it. Times are ISO 8601, UTC. */
export interface Deployment {
  readonly id: string;
  readonly target: string;
  readonly mode: Mode;
  readonly bundle: string;
  readonly dryRun: boolean;
  readonly onError: 'stop' | 'continue';
  readonly priority: number;
  readonly notBefore: string | null;
  readonly status: DeploymentStatus;
  /** Null when it moves or is final. */
  readonly waitingFor: WaitingFor | null;
  /** Null: nobody has approved it, or it was voided. */
  readonly approval: ApprovalInfo | null;
  readonly summary: Summary | null;
  readonly failure: DeploymentFailure | null;
  /** The one that it makes again, or settles. */
  readonly retryOf: string | null;
  /** The answer about an interrupted file of that one, entered in the ledger before anything is run. */
  readonly resolution: Pick<StoredResolution, 'file' | 'outcome'> | null;
  readonly rollout: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly cancelRequestedAt: string | null;
  readonly cancelRequestedBy: string | null;
}

export type AttemptOutcome =
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'needs_attention'
  | 'waiting'
  | 'retry'
  | 'handed_back'
  | 'lost';

/** One time that a worker took it in hand. */
export interface Attempt {
  readonly number: number;
  readonly worker: string;
  /** Where that one runs, or ran; null when it never reported. */
  readonly workerHost: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Null while it runs. */
  readonly outcome: AttemptOutcome | null;
  readonly failure: DeploymentFailure | null;
  readonly backendPid: number | null;
  readonly serverVersion: string | null;
  readonly lockWaitMs: number;
}

export type StepStatus = 'planned' | 'running' | 'applied' | 'failed' | 'not_started' | 'needs_attention';

/** One file of the plan. */
export interface Step {
  readonly path: string;
  readonly sha256: string;
  readonly transactional: boolean;
  readonly statementCount: number;
  readonly status: StepStatus;
  /** The number of the attempt that this comes from. */
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly failure: DeploymentFailure | null;
}

/** Everything about one deployment. */
export interface DeploymentDetail extends Deployment {
  readonly attempts: readonly Attempt[];
  readonly steps: readonly Step[];
}

/** Something that happened, in the order it happened. `number` counts within the deployment from 1 without a gap. */
export interface DeploymentEvent {
  readonly deploymentId: string;
  readonly number: number;
  /** Counts over all deployments; not without gaps. */
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}
