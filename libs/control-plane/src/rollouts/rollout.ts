import type { Mode } from '@postgres-manager/sql-deploy';
import type { WaitingFor } from '../deployments/deployment.ts';
import type { DeploymentFailure } from '../deployments/deployment-failure.ts';
import type { Between, RolloutWaitingFor } from './decide.ts';
import type { Selector, WaveSelection } from './plan-waves.ts';
import type { RolloutStatus, RolloutTargetState, StateCounts } from './rollout-states.ts';
import type { Window } from './window.ts';

/** As many targets may fail: so many, or a share of all, rounded down. */
export type FailureBudget = { readonly count: number } | { readonly percent: number };

/** What was asked for, as it was asked for. */
export interface RolloutRequest {
  /** Null: the targets were named one by one. */
  readonly selector: Selector | null;
  readonly waves: readonly WaveSelection[];
  readonly failureBudget: FailureBudget;
}

/** A rollout as lists show it. Times are ISO 8601, UTC. */
export interface Rollout {
  readonly id: string;
  readonly mode: Mode;
  /** What its next deployments bring. */
  readonly bundle: string;
  readonly dryRun: boolean;
  readonly priority: number;
  readonly status: RolloutStatus;
  /** Who or what brought it there, where that is to be known. */
  readonly reason: StatusReason | null;
  /** Null when it moves, or is at its end. */
  readonly waitingFor: RolloutWaitingFor | null;
  readonly request: RolloutRequest;
  readonly maxParallel: number;
  readonly maxParallelPerServer: number;
  /** How many may fail between one resume and the next, and how many have. */
  readonly failureBudget: number;
  readonly failures: number;
  readonly between: Between;
  readonly notBefore: string | null;
  readonly window: Window | null;
  readonly targets: number;
  /** The wave that is under way, or was last. */
  readonly wave: number;
  readonly waves: readonly RolloutWave[];
  readonly counts: StateCounts;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The number of its latest event. */
  readonly lastEvent: number;
}

export interface StatusReason {
  readonly by: string | null;
  readonly at: string;
  readonly reason: string;
}

/** One wave, and how far it is. */
export interface RolloutWave {
  readonly number: number;
  readonly selection: WaveSelection;
  readonly total: number;
  readonly counts: StateCounts;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** A bundle that a rollout brings, and since when. */
export interface RolloutBundle {
  readonly digest: string;
  readonly since: string;
  readonly by: string;
}

/** What a target of a rollout waits for. */
export type TargetWaitingFor =
  | RolloutWaitingFor
  | WaitingFor
  | { readonly kind: 'wave'; readonly wave: number }
  | { readonly kind: 'room'; readonly reason: string };

/** One target of a rollout. */
export interface RolloutTarget {
  readonly target: string;
  readonly server: string;
  readonly wave: number;
  readonly position: number;
  readonly state: RolloutTargetState;
  /** Null when it moves, or has ended. */
  readonly waitingFor: TargetWaitingFor | null;
  /** Its latest deployment in this rollout, and how many it has had. */
  readonly deployment: string | null;
  readonly tries: number;
  readonly failure: DeploymentFailure | null;
  readonly skipped: { readonly by: string; readonly reason: string } | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Failures that are one and the same, on many targets. */
export interface FailureCluster {
  readonly sqlstate: string | null;
  readonly code: string;
  readonly file: string | null;
  /** The place is that on the first of them. */
  readonly line: number | null;
  readonly column: number | null;
  readonly sourceLine: string | null;
  readonly message: string;
  readonly hint: string;
  readonly count: number;
  /** The first of them, by name. */
  readonly targets: readonly string[];
  /** That of the first of them. */
  readonly deployment: string;
}

/** Something that happened, in the order it happened. `number` counts within the rollout from 1 without a gap. */
export interface RolloutEvent {
  readonly rolloutId: string;
  readonly number: number;
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}
