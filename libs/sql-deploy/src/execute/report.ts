import type { Mode } from '../bundle/bundle.ts';
import type { Origin } from '../plan/ledger-state.ts';
import type { ErrorCode } from '../errors.ts';
import type { StepEvidence } from '../plan/evidence.ts';
import type { Problem } from '../validate/problem.ts';

export type Status = 'succeeded' | 'nothing_to_do' | 'failed' | 'invalid' | 'refused' | 'busy' | 'needs_attention';

/** Why a run did not succeed, in words a person can act on. Never holds row contents or a secret. */
export interface Failure {
  /** The file's path, or null when no file is at fault (unreachable, busy, refused). */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly sourceLine: string | null;
  readonly sqlstate: string | null;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Of an `unfinished_step`: what is known and what isn't; the answer of a person refers to it. */
  readonly evidence?: StepEvidence;
  /** Of a `connection_lost`: the ledger could not be asked what became of the file. */
  readonly outcomeUnknown?: true;
}

/** What became of one file that this run took in hand. */
export interface PlannedStep {
  readonly path: string;
  readonly sha256: string;
  readonly transactional: boolean;
  readonly statementCount: number;
}

/** A file that an earlier attempt of the same deployment applied. */
export interface AppliedFile {
  readonly path: string;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  readonly durationMs: number | null;
}

/** What a run did. Every path is relative to the root, with `/`. */
export interface Report {
  readonly mode: Mode;
  readonly status: Status;
  readonly dryRun: boolean;
  readonly bundleDigest: string;
  /** Files applied by this run, in the order they were applied. */
  readonly applied: readonly string[];
  /** How many files of the mode's folder were in the ledger already. */
  readonly skipped: number;
  /** How many deployment files were entered as `baseline`, without being run. */
  readonly baselined: number;
  /** How many rows of an existing `tbl_deployments` were taken over into the ledger. */
  readonly adopted: number;
  /** Files of the plan that were not started. */
  readonly notStarted: readonly string[];
  /** The plan; filled for a dry run, and when the run stopped before its end. */
  readonly planned: readonly PlannedStep[];
  /** The first failure, or why the run was refused; null when all is well. */
  readonly failed: Failure | null;
  /** Every failure, of a create with `onError: 'continue'`; else the first alone. */
  readonly failures: readonly Failure[];
  readonly problems: readonly Problem[];
  readonly durationMs: number;
  /** With `reportLedger`: the target's ledger after the run; null without, and when the target could not be asked. */
  readonly ledger: LedgerReport | null;
}

/** A target's ledger. */
export interface LedgerReport {
  readonly create: 'not_started' | 'started' | 'complete';
  /** Every applied file, by path. */
  readonly files: readonly {
    readonly path: string;
    /** Null for an adopted file that no bundle held. */
    readonly sha256: string | null;
    readonly origin: Origin;
    /** ISO 8601, UTC. */
    readonly appliedAt: string;
    readonly appliedBy: string;
    readonly durationMs: number | null;
    /** The deployment that entered it; null for what a person or an older script did. */
    readonly deploymentId: string | null;
  }[];
}

/** A run that was given up on still held the lock, and was ended on the server. */
export interface EvictedEvent {
  readonly type: 'evicted';
  /** Its process, name, user and address, for people. */
  readonly holder: string;
}

/** What happens during a run, as it happens. */
export type RunEvent =
  | { readonly type: 'connecting'; readonly attempt: number; readonly waitMs: number; readonly reason: string | null }
  | {
      readonly type: 'connected';
      readonly serverVersion: string;
      readonly database: string;
      readonly user: string;
      /** Of the cluster; null where the role may not ask for it. */
      readonly systemIdentifier: string | null;
      readonly backendPid: number;
    }
  | { readonly type: 'waiting_for_lock'; readonly holder: string; readonly waitedMs: number }
  /** A person's answer about an interrupted file was entered in the ledger. */
  | { readonly type: 'resolved'; readonly path: string; readonly outcome: 'applied' | 'not_applied' }
  | { readonly type: 'adopted'; readonly count: number }
  | {
      readonly type: 'planned';
      readonly total: number;
      readonly skipped: number;
      /** The plan, in the order it runs. */
      readonly steps: readonly PlannedStep[];
      /** What earlier attempts of this deployment ran, in the order they did; empty without a `deploymentId`. */
      readonly appliedEarlier: readonly AppliedFile[];
    }
  | { readonly type: 'step_started'; readonly path: string; readonly index: number; readonly total: number }
  | { readonly type: 'step_progress'; readonly path: string; readonly statement: number; readonly statements: number }
  | {
      readonly type: 'step_finished';
      readonly path: string;
      readonly index: number;
      readonly total: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'step_failed';
      readonly path: string;
      readonly index: number;
      readonly total: number;
      readonly failure: Failure;
    }
  | {
      readonly type: 'step_retry';
      readonly path: string;
      readonly sqlstate: string;
      readonly attempt: number;
      readonly waitMs: number;
      readonly blocker: string | null;
    }
  | { readonly type: 'notice'; readonly path: string | null; readonly severity: string; readonly message: string }
  | { readonly type: 'baselined'; readonly count: number }
  | { readonly type: 'cancelling' };
