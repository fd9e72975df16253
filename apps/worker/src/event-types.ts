import type { DeploymentFailure } from '@postgres-manager/control-plane';
import type { Problem } from '@postgres-manager/sql-deploy';

/**
 * The events that a worker writes into a deployment's history, with their data. The control plane adds its own:
 * `queued`, `awaiting_approval` {waitingFor}, `approved` {by, plan, files, basis}, `approval_voided` {notApproved,
 * notPlanned, address}, `started` {attempt, worker}, `worker_lost` {worker}, `cancel_requested` {status, by} and
 * `finished` {status, failure}. Paths are relative to the bundle's root; times in names end in Ms.
 */
export interface WorkerEvents {
  /** The server is away, starting up or full, and is tried again. */
  readonly connecting: { readonly attempt: number; readonly waitMs: number; readonly reason: string | null };
  readonly connected: {
    readonly serverVersion: string;
    readonly database: string;
    readonly user: string;
    readonly systemIdentifier: string | null;
    readonly backendPid: number;
  };
  /** The target's lock is another's: handed back, looked at again and again. Told once for each holder. */
  readonly waiting: { readonly holder: string };
  /** A backend of a run that was given up on held the lock, and was ended. */
  readonly evicted: { readonly holder: string };
  /** `appliedEarlier`: files that earlier attempts of this deployment applied. */
  readonly planned: {
    readonly total: number;
    readonly skipped: number;
    readonly appliedEarlier: number;
    readonly dryRun: boolean;
  };
  /** A person's answer about an interrupted file was entered in the target's ledger. */
  readonly resolved: { readonly path: string; readonly outcome: 'applied' | 'not_applied' };
  /** Rows of an older script's table were taken over into the ledger. */
  readonly adopted: { readonly count: number };
  readonly step_started: { readonly path: string; readonly index: number; readonly total: number };
  /** At most one in each write; the latest. */
  readonly step_progress: { readonly path: string; readonly statement: number; readonly statements: number };
  readonly step_finished: {
    readonly path: string;
    readonly index: number;
    readonly total: number;
    readonly durationMs: number;
  };
  readonly step_failed: {
    readonly path: string;
    readonly index: number;
    readonly total: number;
    readonly failure: DeploymentFailure;
  };
  /** A table was locked by others, or there was a deadlock: the step is run again. */
  readonly step_retry: {
    readonly path: string;
    readonly sqlstate: string;
    readonly attempt: number;
    readonly waitMs: number;
    readonly blocker: string | null;
  };
  /** What the server said; cut to 1000 characters, and at most 200 for a run. */
  readonly notice: { readonly path: string | null; readonly severity: string; readonly message: string };
  readonly notices_dropped: { readonly kept: number };
  /** Deployment files entered as applied when a create was complete. */
  readonly baselined: { readonly count: number };
  /** The statement that runs is being cancelled on the server. */
  readonly cancelling: Record<string, never>;
  /** The files don't pass the validator; at most 100 problems. */
  readonly invalid: { readonly total: number; readonly problems: readonly Problem[] };
  /** The attempt failed for a reason that may pass: the next begins after `waitMs`. */
  readonly retry: {
    readonly tries: number;
    readonly maxTries: number;
    readonly waitMs: number;
    readonly failure: DeploymentFailure;
  };
  /** The worker stops, or could not reach the control database for too long: another worker goes on. */
  readonly handed_back: { readonly reason: 'worker_stopping' | 'control_database_away' };
  /** A cancelled deployment of a lost worker: the target is asked again what became of it. */
  readonly settling: { readonly try: number; readonly waitMs: number; readonly reason: string };
  /** The control database was away for so long that these could not be kept. */
  readonly events_dropped: { readonly count: number };
}

export type WorkerEventType = keyof WorkerEvents;
