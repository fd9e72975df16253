// Made by `npm run generate` from what the API declares; a test holds it to that. Not to be edited.

/** Each call of the API: what goes in, and the JSON that comes out. */
export interface Operations {
  /** Register a target, or change it */
  putTarget: {
    params: {
      readonly name: string;
    };
    query: undefined;
    body: {
      /** postgres://USER:PASSWORD@HOST:PORT/DATABASE. Write-only: it is encrypted, and never given back. */
      readonly dsn?: string | undefined;
      /** Instead of `dsn`: the variable in the workers’ environment that holds it. */
      readonly dsnEnv?: string | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
      /** There is a pooler at this address, in session mode. */
      readonly acceptPooler?: boolean | undefined;
      /** lock_timeout of each statement; null: the default of 5000. */
      readonly lockTimeoutMs?: number | null | undefined;
      /** statement_timeout of each statement; null: none. */
      readonly statementTimeoutMs?: number | null | undefined;
      /** The next deployment may find another database there than the last one did. */
      readonly acceptIdentity?: boolean | undefined;
    };
    answer: {
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly dsnEnv: string | null;
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
      readonly lastDeployment: {
        readonly id: string;
        readonly status: string;
        readonly createdAt: string;
      } | null;
      /** As a worker last saw it; null before any has been there. */
      readonly ledger: {
        readonly create: string;
        readonly serverVersion: string;
        readonly applied: number;
        readonly lastDeploymentFile: {
          readonly path: string;
          readonly appliedAt: string;
        } | null;
        readonly readAt: string;
      } | null;
    };
  };
  /** List targets by name */
  listTargets: {
    params: undefined;
    query: {
      /** `env:staging`; several must all fit. */
      readonly label?: string | readonly string[] | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly name: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly dsnEnv: string | null;
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
        readonly lastDeployment: {
          readonly id: string;
          readonly status: string;
          readonly createdAt: string;
        } | null;
        /** As a worker last saw it; null before any has been there. */
        readonly ledger: {
          readonly create: string;
          readonly serverVersion: string;
          readonly applied: number;
          readonly lastDeploymentFile: {
            readonly path: string;
            readonly appliedAt: string;
          } | null;
          readonly readAt: string;
        } | null;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** Where a target stands */
  getTarget: {
    params: {
      readonly name: string;
    };
    query: {
      readonly bundle?: string | undefined;
    };
    body: undefined;
    answer: {
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly dsnEnv: string | null;
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
      readonly lastDeployment: {
        readonly id: string;
        readonly status: string;
        readonly createdAt: string;
      } | null;
      /** As a worker last saw it; null before any has been there. */
      readonly ledger: {
        readonly create: string;
        readonly serverVersion: string;
        readonly applied: number;
        readonly lastDeploymentFile: {
          readonly path: string;
          readonly appliedAt: string;
        } | null;
        readonly readAt: string;
      } | null;
      /** What is applied there, as last seen; null before a worker has been there. */
      readonly files: readonly ({
        readonly path: string;
        readonly sha256: string | null;
        readonly origin: string;
        readonly appliedAt: string;
        readonly appliedBy: string;
        readonly durationMs: number | null;
      })[] | null;
      /** With `bundle`: what the target lacks of it. */
      readonly comparison: {
        readonly bundle: string;
        /** Files of deployment/ and manual-deployment/ that are not applied; of create/ too while no create is complete. */
        readonly pending: readonly string[];
        /** Applied with other bytes. */
        readonly changed: readonly string[];
        /** Applied files of deployment/ that the bundle lacks. */
        readonly missing: readonly string[];
      } | null;
    };
  };
  /** Remove a target */
  removeTarget: {
    params: {
      readonly name: string;
    };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Store a snapshot of the three folders */
  storeBundle: {
    params: undefined;
    query: undefined;
    body: {
      readonly files: readonly ({
        readonly path: string;
        /** The text; taken as UTF-8. */
        readonly content?: string | undefined;
        /** Instead of `content`: the very bytes. */
        readonly contentBase64?: string | undefined;
      })[];
    };
    answer: {
      readonly digest: string;
      readonly problems: readonly ({
        readonly rule: string;
        readonly path: string;
        readonly line: number | null;
        readonly column: number | null;
        readonly message: string;
        readonly hint: string;
        readonly sourceLine: string | null;
      })[];
    };
  };
  /** A bundle’s files, and where it has been deployed */
  getBundle: {
    params: {
      readonly digest: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly digest: string;
      readonly problems: readonly ({
        readonly rule: string;
        readonly path: string;
        readonly line: number | null;
        readonly column: number | null;
        readonly message: string;
        readonly hint: string;
        readonly sourceLine: string | null;
      })[];
      readonly sizeBytes: number;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly files: readonly {
        readonly path: string;
        readonly sha256: string;
        readonly sizeBytes: number;
      }[];
      readonly deployedTo: readonly {
        readonly target: string;
        readonly mode: string;
        readonly deployment: string;
        readonly status: string;
        readonly createdAt: string;
      }[];
    };
  };
  /** Bring a target to a bundle */
  createDeployment: {
    params: undefined;
    query: undefined;
    body: {
      readonly target: string;
      readonly mode: 'create' | 'deployment' | 'manual-deployment';
      /** Left out: the server’s own folders, as they are now. */
      readonly bundle?: string | undefined;
      /** Only the plan: the target is not changed. */
      readonly dryRun?: boolean | undefined;
      /** Higher goes first in the target’s line. */
      readonly priority?: number | undefined;
      /** Not to begin before then. */
      readonly notBefore?: string | undefined;
      /** What a create does after a failed file. */
      readonly onError?: 'stop' | 'continue' | undefined;
    };
    answer: {
      readonly id: string;
      readonly target: string;
      readonly mode: string;
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly onError: string;
      readonly priority: number;
      readonly notBefore: string | null;
      readonly status: string;
      /** What it waits for; null when it moves or is final. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'predecessor';
        readonly deploymentId: string;
        readonly status: string;
      } | {
        readonly kind: 'lock';
        readonly holder: string;
        readonly since: string;
      } | {
        readonly kind: 'worker';
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly summary: {
        readonly result: string;
        readonly applied: readonly string[];
        readonly skipped: number;
        readonly baselined: number;
        readonly adopted: number;
        readonly notStarted: readonly string[];
        readonly failures: readonly ({
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        })[];
      } | null;
      readonly failure: {
        readonly file: string | null;
        readonly line: number | null;
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly sqlstate: string | null;
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        /** Of an `unfinished_step`: what is known of the file. */
        readonly evidence?: {
          readonly path: string;
          /** Of the file’s bytes as they were run. */
          readonly sha256: string;
          readonly startedAt: string;
          readonly statementsDone: number;
          readonly statementCount: number | null;
          /** From 1; null between two statements. */
          readonly statementRunning: number | null;
          /** What the catalog of the target can’t tell. */
          readonly unknown: string | null;
        } | undefined;
        /** The target could not be asked what became of the file. */
        readonly outcomeUnknown?: true | undefined;
      } | null;
      readonly retryOf: string | null;
      /** The answer about a file of `retryOf`, entered before anything is run. */
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly rollout: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly cancelRequestedAt: string | null;
      readonly cancelRequestedBy: string | null;
    };
  };
  /** History, newest first */
  listDeployments: {
    params: undefined;
    query: {
      readonly target?: string | undefined;
      readonly mode?: 'create' | 'deployment' | 'manual-deployment' | undefined;
      readonly status?: 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention' | undefined;
      readonly rollout?: string | undefined;
      readonly createdAfter?: string | undefined;
      readonly createdBefore?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        readonly target: string;
        readonly mode: string;
        readonly bundle: string;
        readonly dryRun: boolean;
        readonly onError: string;
        readonly priority: number;
        readonly notBefore: string | null;
        readonly status: string;
        /** What it waits for; null when it moves or is final. */
        readonly waitingFor: {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'predecessor';
          readonly deploymentId: string;
          readonly status: string;
        } | {
          readonly kind: 'lock';
          readonly holder: string;
          readonly since: string;
        } | {
          readonly kind: 'worker';
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | null;
        readonly summary: {
          readonly result: string;
          readonly applied: readonly string[];
          readonly skipped: number;
          readonly baselined: number;
          readonly adopted: number;
          readonly notStarted: readonly string[];
          readonly failures: readonly ({
            readonly file: string | null;
            readonly line: number | null;
            readonly column: number | null;
            readonly sourceLine: string | null;
            readonly sqlstate: string | null;
            readonly code: string;
            readonly message: string;
            readonly hint: string;
            /** Of an `unfinished_step`: what is known of the file. */
            readonly evidence?: {
              readonly path: string;
              /** Of the file’s bytes as they were run. */
              readonly sha256: string;
              readonly startedAt: string;
              readonly statementsDone: number;
              readonly statementCount: number | null;
              /** From 1; null between two statements. */
              readonly statementRunning: number | null;
              /** What the catalog of the target can’t tell. */
              readonly unknown: string | null;
            } | undefined;
            /** The target could not be asked what became of the file. */
            readonly outcomeUnknown?: true | undefined;
          })[];
        } | null;
        readonly failure: {
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        } | null;
        readonly retryOf: string | null;
        /** The answer about a file of `retryOf`, entered before anything is run. */
        readonly resolution: {
          readonly file: string;
          readonly outcome: 'applied' | 'not-applied';
        } | null;
        readonly rollout: string | null;
        readonly createdAt: string;
        readonly createdBy: string;
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
        readonly cancelRequestedAt: string | null;
        readonly cancelRequestedBy: string | null;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** Everything about one deployment */
  getDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly target: string;
      readonly mode: string;
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly onError: string;
      readonly priority: number;
      readonly notBefore: string | null;
      readonly status: string;
      /** What it waits for; null when it moves or is final. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'predecessor';
        readonly deploymentId: string;
        readonly status: string;
      } | {
        readonly kind: 'lock';
        readonly holder: string;
        readonly since: string;
      } | {
        readonly kind: 'worker';
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly summary: {
        readonly result: string;
        readonly applied: readonly string[];
        readonly skipped: number;
        readonly baselined: number;
        readonly adopted: number;
        readonly notStarted: readonly string[];
        readonly failures: readonly ({
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        })[];
      } | null;
      readonly failure: {
        readonly file: string | null;
        readonly line: number | null;
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly sqlstate: string | null;
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        /** Of an `unfinished_step`: what is known of the file. */
        readonly evidence?: {
          readonly path: string;
          /** Of the file’s bytes as they were run. */
          readonly sha256: string;
          readonly startedAt: string;
          readonly statementsDone: number;
          readonly statementCount: number | null;
          /** From 1; null between two statements. */
          readonly statementRunning: number | null;
          /** What the catalog of the target can’t tell. */
          readonly unknown: string | null;
        } | undefined;
        /** The target could not be asked what became of the file. */
        readonly outcomeUnknown?: true | undefined;
      } | null;
      readonly retryOf: string | null;
      /** The answer about a file of `retryOf`, entered before anything is run. */
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly rollout: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly cancelRequestedAt: string | null;
      readonly cancelRequestedBy: string | null;
      readonly attempts: readonly ({
        readonly number: number;
        readonly worker: string;
        readonly startedAt: string;
        readonly finishedAt: string | null;
        readonly outcome: string | null;
        readonly failure: {
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        } | null;
        readonly backendPid: number | null;
        readonly serverVersion: string | null;
        readonly lockWaitMs: number;
      })[];
      readonly steps: readonly ({
        readonly path: string;
        readonly sha256: string;
        readonly transactional: boolean;
        readonly statementCount: number;
        readonly status: string;
        readonly attempt: number;
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
        readonly durationMs: number | null;
        readonly failure: {
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        } | null;
      })[];
    };
  };
  /** Cancel a deployment */
  cancelDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly target: string;
      readonly mode: string;
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly onError: string;
      readonly priority: number;
      readonly notBefore: string | null;
      readonly status: string;
      /** What it waits for; null when it moves or is final. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'predecessor';
        readonly deploymentId: string;
        readonly status: string;
      } | {
        readonly kind: 'lock';
        readonly holder: string;
        readonly since: string;
      } | {
        readonly kind: 'worker';
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly summary: {
        readonly result: string;
        readonly applied: readonly string[];
        readonly skipped: number;
        readonly baselined: number;
        readonly adopted: number;
        readonly notStarted: readonly string[];
        readonly failures: readonly ({
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        })[];
      } | null;
      readonly failure: {
        readonly file: string | null;
        readonly line: number | null;
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly sqlstate: string | null;
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        /** Of an `unfinished_step`: what is known of the file. */
        readonly evidence?: {
          readonly path: string;
          /** Of the file’s bytes as they were run. */
          readonly sha256: string;
          readonly startedAt: string;
          readonly statementsDone: number;
          readonly statementCount: number | null;
          /** From 1; null between two statements. */
          readonly statementRunning: number | null;
          /** What the catalog of the target can’t tell. */
          readonly unknown: string | null;
        } | undefined;
        /** The target could not be asked what became of the file. */
        readonly outcomeUnknown?: true | undefined;
      } | null;
      readonly retryOf: string | null;
      /** The answer about a file of `retryOf`, entered before anything is run. */
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly rollout: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly cancelRequestedAt: string | null;
      readonly cancelRequestedBy: string | null;
    };
  };
  /** Make the same deployment again */
  retryDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly target: string;
      readonly mode: string;
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly onError: string;
      readonly priority: number;
      readonly notBefore: string | null;
      readonly status: string;
      /** What it waits for; null when it moves or is final. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'predecessor';
        readonly deploymentId: string;
        readonly status: string;
      } | {
        readonly kind: 'lock';
        readonly holder: string;
        readonly since: string;
      } | {
        readonly kind: 'worker';
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly summary: {
        readonly result: string;
        readonly applied: readonly string[];
        readonly skipped: number;
        readonly baselined: number;
        readonly adopted: number;
        readonly notStarted: readonly string[];
        readonly failures: readonly ({
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        })[];
      } | null;
      readonly failure: {
        readonly file: string | null;
        readonly line: number | null;
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly sqlstate: string | null;
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        /** Of an `unfinished_step`: what is known of the file. */
        readonly evidence?: {
          readonly path: string;
          /** Of the file’s bytes as they were run. */
          readonly sha256: string;
          readonly startedAt: string;
          readonly statementsDone: number;
          readonly statementCount: number | null;
          /** From 1; null between two statements. */
          readonly statementRunning: number | null;
          /** What the catalog of the target can’t tell. */
          readonly unknown: string | null;
        } | undefined;
        /** The target could not be asked what became of the file. */
        readonly outcomeUnknown?: true | undefined;
      } | null;
      readonly retryOf: string | null;
      /** The answer about a file of `retryOf`, entered before anything is run. */
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly rollout: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly cancelRequestedAt: string | null;
      readonly cancelRequestedBy: string | null;
    };
  };
  /** Settle a file that only a person can judge */
  resolveDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** Its path, as the failure names it. */
      readonly file: string;
      /** applied: all of its work is there. not-applied: none of it is, and it is to run again from its start. */
      readonly outcome: 'applied' | 'not-applied';
    };
    answer: {
      readonly id: string;
      readonly target: string;
      readonly mode: string;
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly onError: string;
      readonly priority: number;
      readonly notBefore: string | null;
      readonly status: string;
      /** What it waits for; null when it moves or is final. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'predecessor';
        readonly deploymentId: string;
        readonly status: string;
      } | {
        readonly kind: 'lock';
        readonly holder: string;
        readonly since: string;
      } | {
        readonly kind: 'worker';
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly summary: {
        readonly result: string;
        readonly applied: readonly string[];
        readonly skipped: number;
        readonly baselined: number;
        readonly adopted: number;
        readonly notStarted: readonly string[];
        readonly failures: readonly ({
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        })[];
      } | null;
      readonly failure: {
        readonly file: string | null;
        readonly line: number | null;
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly sqlstate: string | null;
        readonly code: string;
        readonly message: string;
        readonly hint: string;
        /** Of an `unfinished_step`: what is known of the file. */
        readonly evidence?: {
          readonly path: string;
          /** Of the file’s bytes as they were run. */
          readonly sha256: string;
          readonly startedAt: string;
          readonly statementsDone: number;
          readonly statementCount: number | null;
          /** From 1; null between two statements. */
          readonly statementRunning: number | null;
          /** What the catalog of the target can’t tell. */
          readonly unknown: string | null;
        } | undefined;
        /** The target could not be asked what became of the file. */
        readonly outcomeUnknown?: true | undefined;
      } | null;
      readonly retryOf: string | null;
      /** The answer about a file of `retryOf`, entered before anything is run. */
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly rollout: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      readonly cancelRequestedAt: string | null;
      readonly cancelRequestedBy: string | null;
    };
  };
  /** Where every target stands */
  getFleet: {
    params: undefined;
    query: {
      readonly bundle?: string | undefined;
      readonly label?: string | readonly string[] | undefined;
      readonly state?: 'never_seen' | 'moving' | 'failed' | 'changed' | 'behind' | 'current' | 'seen' | undefined;
    };
    body: undefined;
    answer: {
      readonly bundle: string | null;
      readonly count: number;
      readonly states: Readonly<Record<'never_seen' | 'moving' | 'failed' | 'changed' | 'behind' | 'current' | 'seen', number>>;
      /** Those that have the same files of deployment/ applied, byte for byte; the odd ones out are last. */
      readonly byFingerprint: readonly ({
        /** null: never seen. */
        readonly fingerprint: string | null;
        readonly ordinal: number | null;
        readonly lastFile: string | null;
        readonly count: number;
        /** The first 20, by name. */
        readonly targets: readonly string[];
      })[];
      readonly byLabel: readonly ({
        readonly label: string;
        readonly value: string;
        readonly count: number;
        readonly states: Readonly<Partial<Record<'never_seen' | 'moving' | 'failed' | 'changed' | 'behind' | 'current' | 'seen', number>>>;
        /** More than one: somebody here is the odd one out. */
        readonly fingerprints: number;
      })[];
      readonly targets: readonly ({
        readonly target: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly state: 'never_seen' | 'moving' | 'failed' | 'changed' | 'behind' | 'current' | 'seen';
        readonly ordinal: number | null;
        readonly lastFile: string | null;
        readonly pending: number | null;
        readonly changed: readonly string[];
        readonly missing: readonly string[];
        readonly fingerprint: string | null;
        readonly lastDeployment: {
          readonly id: string;
          readonly status: string;
          readonly createdAt: string;
        } | null;
        readonly lastContact: string | null;
      })[];
    };
  };
  /** Let nothing start on some targets, or on all */
  createFreeze: {
    params: undefined;
    query: undefined;
    body: {
      /** Targets that have all of these; left out: all. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly reason: string;
    };
    answer: {
      readonly id: string;
      /** Targets that have all of these; empty: all targets. */
      readonly labels: Readonly<Record<string, string>>;
      readonly reason: string;
      readonly createdAt: string;
      readonly createdBy: string;
      /** null while it stands. */
      readonly liftedAt: string | null;
      readonly liftedBy: string | null;
    };
  };
  /** Freezes that stand */
  listFreezes: {
    params: undefined;
    query: {
      /** Lifted ones, too. */
      readonly all?: 'true' | 'false' | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        /** Targets that have all of these; empty: all targets. */
        readonly labels: Readonly<Record<string, string>>;
        readonly reason: string;
        readonly createdAt: string;
        readonly createdBy: string;
        /** null while it stands. */
        readonly liftedAt: string | null;
        readonly liftedBy: string | null;
      })[];
    };
  };
  /** Lift a freeze */
  liftFreeze: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      /** Targets that have all of these; empty: all targets. */
      readonly labels: Readonly<Record<string, string>>;
      readonly reason: string;
      readonly createdAt: string;
      readonly createdBy: string;
      /** null while it stands. */
      readonly liftedAt: string | null;
      readonly liftedBy: string | null;
    };
  };
  /** Bring many targets to a bundle, in waves */
  createRollout: {
    params: undefined;
    query: undefined;
    body: {
      readonly mode: 'create' | 'deployment' | 'manual-deployment';
      /** Left out: the server’s own folders, as they are now. */
      readonly bundle?: string | undefined;
      /** By name, in the order in which they are to come. */
      readonly targets?: readonly string[] | undefined;
      /** Instead of `targets`: those with these labels, by name; {} is all. */
      readonly selector?: Readonly<Record<string, string | readonly string[]>> | undefined;
      /** Each takes from what the ones before have left; percentages are of all, rounded up. */
      readonly waves?: readonly ('rest' | {
        readonly count: number;
      } | {
        readonly percent: number;
      } | {
        readonly selector: Readonly<Record<string, string | readonly string[]>>;
      })[] | undefined;
      /** So many of its targets are under way at a time. */
      readonly maxParallel?: number | undefined;
      /** And so many of one server (host and port). */
      readonly maxParallelPerServer?: number | undefined;
      /** When more have failed, nothing more is started. Percentages are of all, rounded down. */
      readonly failureBudget?: {
        readonly count: number;
      } | {
        readonly percent: number;
      } | undefined;
      /** What comes between a wave and the next: nothing, a person (promote), or a time. */
      readonly between?: 'auto' | 'manual' | {
        readonly seconds: number;
      } | undefined;
      /** Only the plans: no target is changed. */
      readonly dryRun?: boolean | undefined;
      /** Not to begin before then. */
      readonly notBefore?: string | undefined;
      /** Nothing is started outside it, nor what would not fit into the rest of it. */
      readonly window?: {
        /** Days on which it begins; left out: all. */
        readonly days?: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[] | undefined;
        readonly from: string;
        /** At or before `from` it is that of the next day. */
        readonly to: string;
        readonly timeZone?: string | undefined;
      } | undefined;
      /** Higher goes first in each target’s line. */
      readonly priority?: number | undefined;
      /** Go on though it is known of some targets that the bundle will be refused there. */
      readonly acceptTrouble?: boolean | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
        /** By name, in their order. */
        readonly targets: readonly string[];
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** Rollouts, newest first */
  listRollouts: {
    params: undefined;
    query: {
      readonly status?: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed' | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        readonly mode: string;
        /** What its next deployments bring. */
        readonly bundle: string;
        readonly dryRun: boolean;
        readonly priority: number;
        readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
        /** Who or what brought it there; `by` is null when it stopped by itself. */
        readonly reason: {
          readonly by: string | null;
          readonly at: string;
          readonly reason: string;
        } | null;
        /** What it waits for; null when it moves or is at its end. */
        readonly waitingFor: {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'window';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'promotion';
          readonly wave: number;
        } | {
          readonly kind: 'targets';
          readonly started: number;
          readonly reason: string;
        } | {
          readonly kind: 'resume';
          readonly reason: string;
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | null;
        readonly request: {
          readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
          readonly waves: readonly ('rest' | {
            readonly count: number;
          } | {
            readonly percent: number;
          } | {
            readonly selector: Readonly<Record<string, string | readonly string[]>>;
          })[];
          readonly failureBudget: {
            readonly count: number;
          } | {
            readonly percent: number;
          };
        };
        readonly maxParallel: number;
        readonly maxParallelPerServer: number;
        /** In targets. */
        readonly failureBudget: number;
        /** Since the last resume: what the budget is held against. */
        readonly failures: number;
        readonly between: {
          readonly kind: 'auto';
        } | {
          readonly kind: 'manual';
        } | {
          readonly kind: 'seconds';
          readonly seconds: number;
        };
        readonly notBefore: string | null;
        readonly window: {
          readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
          readonly from: string;
          readonly to: string;
          readonly timeZone: string;
        } | null;
        readonly targets: number;
        /** The wave that was opened last. */
        readonly wave: number;
        readonly waves: readonly ({
          readonly number: number;
          readonly selection: 'rest' | {
            readonly count: number;
          } | {
            readonly percent: number;
          } | {
            readonly selector: Readonly<Record<string, string | readonly string[]>>;
          };
          readonly total: number;
          readonly counts: {
            readonly pending: number;
            /** In the target’s line, or running. */
            readonly started: number;
            readonly succeeded: number;
            readonly failed: number;
            readonly needs_attention: number;
            readonly cancelled: number;
            readonly skipped: number;
          };
          readonly startedAt: string | null;
          readonly finishedAt: string | null;
        })[];
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly createdAt: string;
        readonly createdBy: string;
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
        /** The number of its latest event: where a watcher may begin. */
        readonly lastEvent: number;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** Where a rollout stands */
  getRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
      /** What failed, the same failures together. */
      readonly failed: readonly ({
        readonly sqlstate: string | null;
        readonly code: string;
        readonly file: string | null;
        readonly line: number | null;
        readonly message: string;
        readonly hint: string;
        readonly count: number;
        readonly targets: readonly string[];
      })[];
      /** What the targets wait for, those that wait for the same together. */
      readonly waiting: readonly ({
        readonly waitingFor: {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'window';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'promotion';
          readonly wave: number;
        } | {
          readonly kind: 'targets';
          readonly started: number;
          readonly reason: string;
        } | {
          readonly kind: 'resume';
          readonly reason: string;
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'predecessor';
          readonly deploymentId: string;
          readonly status: string;
        } | {
          readonly kind: 'lock';
          readonly holder: string;
          readonly since: string;
        } | {
          readonly kind: 'worker';
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | {
          readonly kind: 'wave';
          /** The wave that has to end first. */
          readonly wave: number;
        } | {
          readonly kind: 'room';
          readonly reason: string;
        };
        readonly count: number;
        readonly targets: readonly string[];
      })[];
      /** Null while it does not move, and at its beginning. */
      readonly pace: {
        readonly perMinute: number;
        readonly expectedEnd: string | null;
        readonly basis: string;
      } | null;
      /** Of a dry run: what was found on the targets’ real ledgers, the same together. Null for others. */
      readonly plan: readonly ({
        readonly kind: 'needs' | 'behind' | 'ahead' | 'current' | 'changed' | 'refused' | 'unreachable' | 'failed' | 'skipped' | 'not_seen';
        readonly says: string;
        /** Those that would be applied, in order. */
        readonly files: readonly string[];
        readonly failure: {
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        } | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
      })[] | null;
      readonly bundles: readonly {
        readonly digest: string;
        readonly since: string;
        readonly by: string;
      }[];
    };
  };
  /** The targets of a rollout, in its order, with what each waits for */
  listRolloutTargets: {
    params: {
      readonly id: string;
    };
    query: {
      readonly state?: 'pending' | 'started' | 'succeeded' | 'failed' | 'needs_attention' | 'cancelled' | 'skipped' | undefined;
      readonly wave?: number | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly target: string;
        readonly server: string;
        readonly wave: number;
        readonly position: number;
        readonly state: 'pending' | 'started' | 'succeeded' | 'failed' | 'needs_attention' | 'cancelled' | 'skipped';
        readonly waitingFor: {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'window';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'promotion';
          readonly wave: number;
        } | {
          readonly kind: 'targets';
          readonly started: number;
          readonly reason: string;
        } | {
          readonly kind: 'resume';
          readonly reason: string;
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | {
          readonly kind: 'time';
          readonly until: string;
          readonly reason: string;
        } | {
          readonly kind: 'predecessor';
          readonly deploymentId: string;
          readonly status: string;
        } | {
          readonly kind: 'lock';
          readonly holder: string;
          readonly since: string;
        } | {
          readonly kind: 'worker';
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | {
          readonly kind: 'wave';
          /** The wave that has to end first. */
          readonly wave: number;
        } | {
          readonly kind: 'room';
          readonly reason: string;
        } | null;
        /** Its latest deployment in this rollout. */
        readonly deployment: string | null;
        readonly tries: number;
        readonly failure: {
          readonly file: string | null;
          readonly line: number | null;
          readonly column: number | null;
          readonly sourceLine: string | null;
          readonly sqlstate: string | null;
          readonly code: string;
          readonly message: string;
          readonly hint: string;
          /** Of an `unfinished_step`: what is known of the file. */
          readonly evidence?: {
            readonly path: string;
            /** Of the file’s bytes as they were run. */
            readonly sha256: string;
            readonly startedAt: string;
            readonly statementsDone: number;
            readonly statementCount: number | null;
            /** From 1; null between two statements. */
            readonly statementRunning: number | null;
            /** What the catalog of the target can’t tell. */
            readonly unknown: string | null;
          } | undefined;
          /** The target could not be asked what became of the file. */
          readonly outcomeUnknown?: true | undefined;
        } | null;
        readonly skipped: {
          readonly by: string;
          readonly reason: string;
        } | null;
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** What happens with a rollout, as it happens */
  watchRollout: {
    params: {
      readonly id: string;
    };
    query: {
      readonly after?: string | undefined;
    };
    body: undefined;
    answer: undefined;
  };
  /** Start no more targets, until it is resumed */
  pauseRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly reason?: string | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** Go on with what is unfinished */
  resumeRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** Another bundle goes on in its place, for all that is unfinished. It must not change a file that a target of the rollout has applied. */
      readonly bundle?: string | undefined;
      readonly retryFailed?: boolean | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** Try again what failed, needs a person or was cancelled, and go on */
  retryFailedRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** Another bundle goes on in its place, for all that is unfinished. It must not change a file that a target of the rollout has applied. */
      readonly bundle?: string | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** End it, with what runs */
  cancelRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly reason?: string | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** Let the next wave begin */
  promoteRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** The one that is meant, to be sure. */
      readonly wave?: number | undefined;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** Leave targets out, with a reason */
  skipRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly targets: readonly string[];
      readonly reason: string;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
      /** Who or what brought it there; `by` is null when it stopped by itself. */
      readonly reason: {
        readonly by: string | null;
        readonly at: string;
        readonly reason: string;
      } | null;
      /** What it waits for; null when it moves or is at its end. */
      readonly waitingFor: {
        readonly kind: 'time';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'window';
        readonly until: string;
        readonly reason: string;
      } | {
        readonly kind: 'promotion';
        readonly wave: number;
      } | {
        readonly kind: 'targets';
        readonly started: number;
        readonly reason: string;
      } | {
        readonly kind: 'resume';
        readonly reason: string;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      readonly request: {
        readonly selector: Readonly<Record<string, string | readonly string[]>> | null;
        readonly waves: readonly ('rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        })[];
        readonly failureBudget: {
          readonly count: number;
        } | {
          readonly percent: number;
        };
      };
      readonly maxParallel: number;
      readonly maxParallelPerServer: number;
      /** In targets. */
      readonly failureBudget: number;
      /** Since the last resume: what the budget is held against. */
      readonly failures: number;
      readonly between: {
        readonly kind: 'auto';
      } | {
        readonly kind: 'manual';
      } | {
        readonly kind: 'seconds';
        readonly seconds: number;
      };
      readonly notBefore: string | null;
      readonly window: {
        readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
        readonly from: string;
        readonly to: string;
        readonly timeZone: string;
      } | null;
      readonly targets: number;
      /** The wave that was opened last. */
      readonly wave: number;
      readonly waves: readonly ({
        readonly number: number;
        readonly selection: 'rest' | {
          readonly count: number;
        } | {
          readonly percent: number;
        } | {
          readonly selector: Readonly<Record<string, string | readonly string[]>>;
        };
        readonly total: number;
        readonly counts: {
          readonly pending: number;
          /** In the target’s line, or running. */
          readonly started: number;
          readonly succeeded: number;
          readonly failed: number;
          readonly needs_attention: number;
          readonly cancelled: number;
          readonly skipped: number;
        };
        readonly startedAt: string | null;
        readonly finishedAt: string | null;
      })[];
      readonly counts: {
        readonly pending: number;
        /** In the target’s line, or running. */
        readonly started: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      };
      readonly createdAt: string;
      readonly createdBy: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
      /** The number of its latest event: where a watcher may begin. */
      readonly lastEvent: number;
    };
  };
  /** What happens with a deployment, as it happens */
  watchDeployment: {
    params: {
      readonly id: string;
    };
    query: {
      readonly after?: string | undefined;
    };
    body: undefined;
    answer: undefined;
  };
  /** What happens with all deployments that this key may see */
  watchAll: {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Make a key */
  createKey: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
      readonly role: 'viewer' | 'deployer' | 'admin';
      /** The targets it is for: those with all of these; none: all. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly expiresAt?: string | null | undefined;
    };
    answer: {
      readonly id: string;
      readonly name: string;
      readonly prefix: string;
      readonly role: 'viewer' | 'deployer' | 'admin';
      readonly labels: Readonly<Record<string, string>>;
      readonly expiresAt: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly lastUsedAt: string | null;
      readonly revokedAt: string | null;
      readonly key: string;
    };
  };
  /** All keys, newest first */
  listKeys: {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        readonly name: string;
        readonly prefix: string;
        readonly role: 'viewer' | 'deployer' | 'admin';
        readonly labels: Readonly<Record<string, string>>;
        readonly expiresAt: string | null;
        readonly createdAt: string;
        readonly createdBy: string;
        readonly lastUsedAt: string | null;
        readonly revokedAt: string | null;
      })[];
    };
  };
  /** Revoke a key */
  revokeKey: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly name: string;
      readonly prefix: string;
      readonly role: 'viewer' | 'deployer' | 'admin';
      readonly labels: Readonly<Record<string, string>>;
      readonly expiresAt: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly lastUsedAt: string | null;
      readonly revokedAt: string | null;
    };
  };
  /** Workers, the living first */
  listWorkers: {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: {
      readonly items: readonly {
        readonly id: string;
        readonly host: string;
        readonly pid: number;
        readonly version: string;
        readonly concurrency: number;
        readonly running: number;
        readonly startedAt: string;
        readonly heartbeatAt: string;
        readonly alive: boolean;
      }[];
    };
  };
  /** Every change, newest first */
  listAudit: {
    params: undefined;
    query: {
      readonly subjectType?: 'target' | 'bundle' | 'deployment' | 'key' | 'encryption_key' | undefined;
      readonly subject?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        /** Its place in the chain. */
        readonly seq: string;
        /** SHA-256 over the hash before it and its own content, hexadecimal. */
        readonly hash: string;
        readonly at: string;
        readonly actor: string;
        readonly keyId: string | null;
        readonly requestId: string | null;
        readonly action: string;
        readonly subjectType: string;
        readonly subject: string;
        readonly detail: Readonly<Record<string, unknown>>;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** Whether the audit log is as it was written */
  verifyAudit: {
    params: undefined;
    query: {
      /** `SEQ:HASH` of an earlier verification: the log must still hold it. */
      readonly head?: string | undefined;
    };
    body: undefined;
    answer: {
      readonly intact: boolean;
      /** How many are in order, from the first. */
      readonly rows: number;
      /** The last row that is in order. */
      readonly head: {
        readonly seq: string;
        readonly hash: string;
      } | null;
      readonly firstFault: {
        readonly kind: 'missing' | 'altered' | 'cut_off' | 'rewritten';
        readonly seq: string;
        readonly message: string;
      } | null;
    };
  };
}

/** Where each call is, and the least role that may make it; null: it takes no key. */
export const OPERATIONS = {
  putTarget: { method: 'PUT', path: '/v1/targets/{name}', role: 'admin' },
  listTargets: { method: 'GET', path: '/v1/targets', role: 'viewer' },
  getTarget: { method: 'GET', path: '/v1/targets/{name}', role: 'viewer' },
  removeTarget: { method: 'DELETE', path: '/v1/targets/{name}', role: 'admin' },
  storeBundle: { method: 'POST', path: '/v1/bundles', role: 'deployer' },
  getBundle: { method: 'GET', path: '/v1/bundles/{digest}', role: 'viewer' },
  createDeployment: { method: 'POST', path: '/v1/deployments', role: 'deployer' },
  listDeployments: { method: 'GET', path: '/v1/deployments', role: 'viewer' },
  getDeployment: { method: 'GET', path: '/v1/deployments/{id}', role: 'viewer' },
  cancelDeployment: { method: 'POST', path: '/v1/deployments/{id}/cancel', role: 'deployer' },
  retryDeployment: { method: 'POST', path: '/v1/deployments/{id}/retry', role: 'deployer' },
  resolveDeployment: { method: 'POST', path: '/v1/deployments/{id}/resolve', role: 'deployer' },
  getFleet: { method: 'GET', path: '/v1/fleet', role: 'viewer' },
  createFreeze: { method: 'POST', path: '/v1/freezes', role: 'deployer' },
  listFreezes: { method: 'GET', path: '/v1/freezes', role: 'viewer' },
  liftFreeze: { method: 'DELETE', path: '/v1/freezes/{id}', role: 'deployer' },
  createRollout: { method: 'POST', path: '/v1/rollouts', role: 'deployer' },
  listRollouts: { method: 'GET', path: '/v1/rollouts', role: 'viewer' },
  getRollout: { method: 'GET', path: '/v1/rollouts/{id}', role: 'viewer' },
  listRolloutTargets: { method: 'GET', path: '/v1/rollouts/{id}/targets', role: 'viewer' },
  watchRollout: { method: 'GET', path: '/v1/rollouts/{id}/events', role: 'viewer' },
  pauseRollout: { method: 'POST', path: '/v1/rollouts/{id}/pause', role: 'deployer' },
  resumeRollout: { method: 'POST', path: '/v1/rollouts/{id}/resume', role: 'deployer' },
  retryFailedRollout: { method: 'POST', path: '/v1/rollouts/{id}/retry-failed', role: 'deployer' },
  cancelRollout: { method: 'POST', path: '/v1/rollouts/{id}/cancel', role: 'deployer' },
  promoteRollout: { method: 'POST', path: '/v1/rollouts/{id}/promote', role: 'deployer' },
  skipRollout: { method: 'POST', path: '/v1/rollouts/{id}/skip', role: 'deployer' },
  watchDeployment: { method: 'GET', path: '/v1/deployments/{id}/events', role: 'viewer' },
  watchAll: { method: 'GET', path: '/v1/events', role: 'viewer' },
  createKey: { method: 'POST', path: '/v1/keys', role: 'admin' },
  listKeys: { method: 'GET', path: '/v1/keys', role: 'admin' },
  revokeKey: { method: 'DELETE', path: '/v1/keys/{id}', role: 'admin' },
  listWorkers: { method: 'GET', path: '/v1/workers', role: 'viewer' },
  listAudit: { method: 'GET', path: '/v1/audit', role: 'admin' },
  verifyAudit: { method: 'GET', path: '/v1/audit/verify', role: 'admin' },
} as const;
