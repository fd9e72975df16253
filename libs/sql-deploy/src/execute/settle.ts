import type { Bundle, Folder } from '../bundle/bundle.ts';
import type { Failure, Status } from './report.ts';
import type { TargetOptions } from './options.ts';

/** Which files to enter in the ledger as applied, without running them. */
export interface BaselineOptions extends TargetOptions {
  readonly bundle: Bundle;
  /** The highest ordinal of `deployment/` to enter, itself included: 12 for `00012-…`. */
  readonly upToOrdinal: number;
  readonly dryRun?: boolean;
}

export interface BaselineReport {
  readonly status: Status;
  /** Paths entered by this call. */
  readonly baselined: readonly string[];
  /** How many of the files asked for were in the ledger already. */
  readonly skipped: number;
  readonly failed: Failure | null;
  readonly durationMs: number;
}

/** Which interrupted step a person has looked at, and what they found. */
export interface ResolveOptions extends TargetOptions {
  /** The file's path, relative to the root: `deployment/00007-index.sql`. */
  readonly path: string;
  /** `applied`: enter it in the ledger as done. `not_applied`: forget the attempt, so that it runs again from its start. */
  readonly outcome: 'applied' | 'not_applied';
  /** Needed for `applied`, for the file's digest. */
  readonly bundle: Bundle;
}

export interface ResolveReport {
  readonly status: Status;
  readonly path: string;
  readonly outcome: 'applied' | 'not_applied';
  readonly failed: Failure | null;
}

export type FileState = 'applied' | 'pending' | 'changed' | 'missing' | 'out_of_order' | 'unfinished';

/** Where a target stands, compared with a bundle. */
export interface TargetStatus {
  readonly database: string;
  readonly serverVersion: string;
  /** False while the target has no ledger (rows of a `tbl_deployments` are counted all the same). */
  readonly hasLedger: boolean;
  readonly create: 'not_started' | 'started' | 'complete';
  readonly files: readonly {
    readonly path: string;
    readonly folder: Folder;
    readonly state: FileState;
    /** run, baseline, adopted or resolved; null for what is not applied. */
    readonly origin: string | null;
    /** ISO 8601, UTC. */
    readonly appliedAt: string | null;
    readonly appliedBy: string | null;
    readonly durationMs: number | null;
  }[];
  readonly failed: Failure | null;
}

export interface StatusOptions extends TargetOptions {
  readonly bundle: Bundle;
}

/** Compares a target's ledger with a bundle. Reads only. */
export async function readStatus(options: StatusOptions): Promise<TargetStatus> {
  throw new Error(`not yet: ${options.bundle.digest}`);
}

/** Enters deployment files in the ledger as applied, without running them. */
export async function enterBaseline(options: BaselineOptions): Promise<BaselineReport> {
  throw new Error(`not yet: ${options.bundle.digest}`);
}

/** Settles a step that was interrupted and that only a person can judge. */
export async function resolveStep(options: ResolveOptions): Promise<ResolveReport> {
  throw new Error(`not yet: ${options.path}`);
}
