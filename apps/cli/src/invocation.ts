import type { Mode } from '@postgres-manager/sql-deploy';
import type { CommandLine } from './command-line.ts';

/** How to reach and treat the target, as given. Times in milliseconds; null is the library's default. */
export interface TargetFlags {
  /** Holds the password: never printed, never put into a message. */
  readonly dsn: string;
  readonly connectTimeoutMs: number | null;
  readonly lockWaitMs: number | null;
  readonly lockTimeoutMs: number | null;
  readonly statementTimeoutMs: number | null;
  readonly acceptIdentity: boolean;
  readonly acceptPooler: boolean;
  readonly appliedBy: string | null;
}

interface Common {
  /** The folder that holds create/, deployment/ and manual-deployment/. */
  readonly root: string;
  readonly json: boolean;
}

export interface DeployInvocation extends Common {
  readonly command: 'deploy';
  readonly target: TargetFlags;
  readonly mode: Mode;
  readonly dryRun: boolean;
  readonly onError: 'stop' | 'continue';
  readonly baseline: boolean;
  readonly force: boolean;
}

export interface ValidateInvocation extends Common {
  readonly command: 'validate';
}

export interface StatusInvocation extends Common {
  readonly command: 'status';
  readonly target: TargetFlags;
}

export interface BaselineInvocation extends Common {
  readonly command: 'baseline';
  readonly target: TargetFlags;
  readonly upToOrdinal: number;
  readonly dryRun: boolean;
}

export interface ResolveInvocation extends Common {
  readonly command: 'resolve';
  readonly target: TargetFlags;
  readonly file: string;
  readonly outcome: 'applied' | 'not_applied';
}

export interface NewInvocation extends Common {
  readonly command: 'new';
  readonly name: string;
  readonly folder: 'deployment' | 'manual-deployment';
}

export interface HelpInvocation {
  readonly command: 'help';
  readonly topic: string | null;
  /** False when the command line was empty: then the help is an answer to a mistake. */
  readonly asked: boolean;
  readonly json: boolean;
}

export interface VersionInvocation {
  readonly command: 'version';
  readonly json: boolean;
}

/** A command for a server. Only `client/`, which is loaded for it alone, knows what is right in it. */
export interface ClientLine {
  readonly command: 'client';
  readonly line: CommandLine;
  readonly json: boolean;
}

/** A command line that is right in itself: nothing behind this re-checks it. */
export type Invocation =
  | DeployInvocation
  | ValidateInvocation
  | StatusInvocation
  | BaselineInvocation
  | ResolveInvocation
  | NewInvocation
  | ClientLine
  | HelpInvocation
  | VersionInvocation;
