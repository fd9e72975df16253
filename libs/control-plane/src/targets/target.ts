import type { LedgerFile } from '../deployments/transitions/target-seen.ts';
import type { Labels } from './labels.ts';

/** A target as it may be shown: its DSN never is. Times are ISO 8601, UTC. */
export interface Target {
  readonly name: string;
  readonly labels: Labels;
  /** The environment variable of the workers that holds the DSN; null when the DSN is stored, encrypted. */
  readonly dsnEnv: string | null;
  /** Of the DSN; null for one from the environment. */
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly tls: string | null;
  readonly acceptPooler: boolean;
  readonly lockTimeoutMs: number | null;
  readonly statementTimeoutMs: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The latest deployment of it; null without one. */
  readonly lastDeployment: { readonly id: string; readonly status: string; readonly createdAt: string } | null;
  /** What is known of its ledger; null until a worker has been there. */
  readonly ledger: TargetLedgerSummary | null;
}

export interface TargetLedgerSummary {
  readonly create: 'not_started' | 'started' | 'complete';
  readonly serverVersion: string;
  readonly applied: number;
  /** The latest applied file of `deployment/`, and since when. */
  readonly lastDeploymentFile: { readonly path: string; readonly appliedAt: string } | null;
  /** When a worker last looked. */
  readonly readAt: string;
}

/** The ledger of a target as last seen, file by file. */
export interface TargetLedger {
  readonly create: 'not_started' | 'started' | 'complete';
  readonly serverVersion: string;
  readonly readAt: string;
  readonly files: readonly LedgerFile[];
}
