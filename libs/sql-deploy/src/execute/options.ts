import type { Bundle, Mode } from '../bundle/bundle.ts';
import type { ScriptCache } from '../sql/script-cache.ts';
import type { Resolution } from '../plan/resolution.ts';
import type { ConnectionSettings } from '../target/dsn.ts';
import type { EvictedEvent, RunEvent } from './report.ts';

/** What tells one database from all others. */
export interface TargetIdentity {
  /** Of the cluster (pg_control_system()); null where the role may not ask for it. */
  readonly systemIdentifier: string | null;
  readonly database: string | null;
}

/** How to reach and treat a target. Times are in milliseconds. */
export interface TargetOptions {
  readonly connection: ConnectionSettings;
  /**
   * Which database the caller found at this address before: another one is refused as `wrong_database`, also where it
   * has no ledger yet that could tell. A part that is null is not compared.
   */
  readonly expectIdentity?: TargetIdentity;
  /**
   * The caller has seen a ledger here before: it is read in the same round trip as all else. Where it has gone meanwhile
   * that costs a trip, and nothing else. Default false.
   */
  readonly hasLedger?: boolean;
  /** Accept that the ledger was made in another database (a restored copy, an upgraded cluster). Default false. */
  readonly acceptIdentity?: boolean;
  /** Accept an address behind a connection pooler: only right for one in session mode. Default false. */
  readonly acceptPooler?: boolean;
  /** How long a server that is away or starting up is tried again. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** How long to wait while another run holds the target's lock. Default 30,000. */
  readonly lockWaitMs?: number;
  /** `lock_timeout` of every statement. Default 5,000. */
  readonly lockTimeoutMs?: number;
  /** `statement_timeout` of every statement; 0 is none. Default 0. */
  readonly statementTimeoutMs?: number;
  /** Entered in the ledger beside each file: who asked. Default: the database user. */
  readonly appliedBy?: string;
  /**
   * Names the run in `application_name`, so that its backend can be found in pg_stat_activity: at most 24 printable
   * ASCII characters without a space, and not the beginning of a path. Default: none.
   */
  readonly runId?: string;
  /**
   * Whether the run of that id was given up on. Such a run that still holds the target's lock is ended on the server;
   * one without an id, a person's, never is. Its backend is given five seconds to let go, whatever `lockWaitMs` says.
   * Default: none was.
   */
  readonly isAbandoned?: (runId: string) => boolean;
  /** A method: whoever gives no `isAbandoned` never hears of an eviction, and may take a RunEvent alone. */
  onEvent?(this: void, event: RunEvent | EvictedEvent): void;
  /** Aborting cancels the running statement on the server and ends the run with what is true then. */
  readonly signal?: AbortSignal;
}

/** What a run is about to do: its steps, in order, and the files that earlier runs of the same deployment applied. */
export interface AdmittedPlan {
  readonly steps: readonly { readonly path: string; readonly sha256: string }[];
  readonly appliedEarlier: readonly { readonly path: string }[];
}

/** What to bring to a target. */
export interface DeployOptions extends TargetOptions {
  readonly bundle: Bundle;
  readonly mode: Mode;
  /** A person's answer about an interrupted file, entered first; not looked at by a dry run. */
  readonly resolution?: Resolution;
  /** Show the plan and change nothing. Default false. */
  readonly dryRun?: boolean;
  /**
   * Asked when the plan is made, before the first statement that changes anything: false ends the run as refused
   * (`plan_not_admitted`), with nothing run. Not asked by a dry run. Default: each plan may run.
   */
  readonly admit?: (this: void, plan: AdmittedPlan) => boolean;
  /** What a create does after a failed file. Other modes always stop. Default 'stop'. */
  readonly onError?: 'stop' | 'continue';
  /** Enter the deployment files as applied once a create is complete. Default true. */
  readonly baseline?: boolean;
  /** Let a create run on a database that is not new. Default false. */
  readonly force?: boolean;
  /** How often a step is tried again after 55P03 or 40P01. Default 5. */
  readonly lockRetries?: number;
  /** Give the target's ledger, as it is after the run, in the report: one more round trip. Default false. */
  readonly reportLedger?: boolean;
  /** Entered in the ledger beside each file: the id of the deployment that ran it. */
  readonly deploymentId?: string;
  /** What other runs of this process know of files: the same bundle on many targets is then parsed once. */
  readonly scripts?: ScriptCache;
}
