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
      /** While there are any, nothing is run there without an approval. */
      readonly protections: readonly {
        readonly id: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      }[];
      /** What is applied there, as last seen; null before a worker has been there. */
      readonly files: readonly ({
        readonly path: string;
        readonly sha256: string | null;
        readonly origin: string;
        readonly appliedAt: string;
        readonly appliedBy: string;
        readonly durationMs: number | null;
        /** The deployment that entered it; null for what none did. */
        readonly deploymentId?: string | null | undefined;
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
  /** Bundles, newest first */
  listBundles: {
    params: undefined;
    query: {
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly {
        readonly digest: string;
        readonly createdAt: string;
        readonly createdBy: string;
        readonly files: number;
        readonly sizeBytes: number;
        /** How many the validator found. */
        readonly problems: number;
        /** Those whose last deployment to succeed, dry runs aside, was of this bundle. */
        readonly targets: number;
      }[];
      readonly nextCursor: string | null;
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
  /** The text of a file of a bundle, and what the validator says of it */
  getBundleFile: {
    params: {
      readonly digest: string;
    };
    query: {
      /** As the bundle has it: `create/1-tables/tbl_a.sql`. */
      readonly path: string;
    };
    body: undefined;
    answer: {
      readonly path: string;
      readonly sha256: string;
      readonly sizeBytes: number;
      /** Null for what is not UTF-8. */
      readonly text: string | null;
      /** `text` is its first part alone. */
      readonly truncated: boolean;
      readonly problems: readonly ({
        readonly rule: string;
        readonly path: string;
        readonly line: number | null;
        readonly column: number | null;
        readonly message: string;
        readonly hint: string;
        readonly sourceLine: string | null;
      })[];
      /** How it would be run; null for what is no script, is truncated, or has problems. */
      readonly verdict: {
        readonly transactional: boolean;
        readonly statementCount: number;
      } | null;
    };
  };
  /** Which files tell a bundle from another */
  compareBundles: {
    params: {
      readonly digest: string;
    };
    query: {
      readonly from: string;
    };
    body: undefined;
    answer: {
      readonly from: string;
      readonly to: string;
      readonly counts: {
        readonly added: number;
        readonly removed: number;
        readonly changed: number;
        readonly same: number;
      };
      readonly files: readonly ({
        readonly path: string;
        readonly change: 'added' | 'removed' | 'changed';
        /** Its SHA-256 there; null where it is not. */
        readonly from: string | null;
        readonly to: string | null;
      })[];
    };
  };
  /** History as a file, newest first */
  exportDeployments: {
    params: undefined;
    query: {
      readonly target?: string | undefined;
      readonly mode?: 'create' | 'deployment' | 'manual-deployment' | undefined;
      readonly status?: 'awaiting_approval' | 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention' | undefined;
      readonly rollout?: string | undefined;
      readonly createdAfter?: string | undefined;
      readonly createdBefore?: string | undefined;
      readonly format?: 'csv' | 'json' | undefined;
    };
    body: undefined;
    answer: readonly ({
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
      readonly status?: 'awaiting_approval' | 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention' | undefined;
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
          readonly kind: 'approval';
          /** What stood over its target when it began to wait. */
          readonly protection: string | null;
          readonly reason: string;
          /** Who protected the target. */
          readonly by: string | null;
          readonly since: string;
          /** Why an earlier approval holds no more; null: there was none. */
          readonly voided: string | null;
        } | {
          readonly kind: 'freeze';
          readonly freeze: string;
          readonly reason: string;
          readonly by: string;
          readonly since: string;
        } | null;
        /** Null: nobody has approved it, or it was voided. */
        readonly approval: {
          readonly by: string;
          readonly at: string;
          readonly plan: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
        /** Where that worker runs, or ran. */
        readonly workerHost: string | null;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
  /** What is under way, and what waits for what */
  getQueue: {
    params: undefined;
    query: {
      /** How many lines are listed. */
      readonly lines?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly byStatus: readonly ({
        readonly status: 'awaiting_approval' | 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention';
        readonly count: number;
        readonly oldest: string;
      })[];
      /** What waits, by the `kind` of its `waitingFor`; the most frequent first, with the oldest as an example. */
      readonly reasons: readonly ({
        readonly kind: string;
        readonly count: number;
        readonly oldest: string;
        readonly example: {
          readonly id: string;
          readonly target: string;
          readonly status: 'awaiting_approval' | 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention';
          /** Since when it is under way, or could be. */
          readonly since: string;
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
            readonly kind: 'approval';
            /** What stood over its target when it began to wait. */
            readonly protection: string | null;
            readonly reason: string;
            /** Who protected the target. */
            readonly by: string | null;
            readonly since: string;
            /** Why an earlier approval holds no more; null: there was none. */
            readonly voided: string | null;
          } | {
            readonly kind: 'freeze';
            readonly freeze: string;
            readonly reason: string;
            readonly by: string;
            readonly since: string;
          } | null;
        } | null;
      })[];
      /** The line of each target, the longest first. */
      readonly lines: readonly ({
        readonly target: string;
        /** Queued, or scheduled for later. */
        readonly waiting: number;
        /** What is under way, or else what is next. */
        readonly head: {
          readonly id: string;
          readonly target: string;
          readonly status: 'awaiting_approval' | 'scheduled' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'needs_attention';
          /** Since when it is under way, or could be. */
          readonly since: string;
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
            readonly kind: 'approval';
            /** What stood over its target when it began to wait. */
            readonly protection: string | null;
            readonly reason: string;
            /** Who protected the target. */
            readonly by: string | null;
            readonly since: string;
            /** Why an earlier approval holds no more; null: there was none. */
            readonly voided: string | null;
          } | {
            readonly kind: 'freeze';
            readonly freeze: string;
            readonly reason: string;
            readonly by: string;
            readonly since: string;
          } | null;
        } | null;
      })[];
      /** What `lines` has no room for. */
      readonly rest: {
        readonly targets: number;
        readonly waiting: number;
      };
    };
  };
  /** How many were queued and running over the last hours */
  getQueueDepth: {
    params: undefined;
    query: {
      readonly hours?: number | undefined;
    };
    body: undefined;
    answer: {
      /** 121, equally far apart; the last is now. */
      readonly points: readonly {
        readonly at: string;
        /** Due, and not yet in a worker’s hands. */
        readonly queued: number;
        /** From the first attempt to the end, waits between attempts included. */
        readonly running: number;
      }[];
      /** Too many deployments ended within that time: the points begin later than asked for. */
      readonly isCapped: boolean;
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
  /** Which target has which file of deployment/ */
  getFleetFiles: {
    params: undefined;
    query: {
      readonly bundle?: string | undefined;
      readonly label?: string | readonly string[] | undefined;
      /** How many files, 100 at most. */
      readonly last?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly bundle: string | null;
      /** What each letter of `states` means. */
      readonly legend: Readonly<Record<string, string>>;
      /** The newest last. `sha256` is the bundle’s (null: it lacks the file), or else that of most targets. */
      readonly files: readonly ({
        readonly path: string;
        readonly sha256: string | null;
      })[];
      /** By name; `states` has one letter for each of `files`. */
      readonly targets: readonly {
        readonly target: string;
        readonly states: string;
      }[];
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
  /** Let nothing run on some targets without an approval */
  createProtection: {
    params: undefined;
    query: undefined;
    body: {
      /** Targets that have all of these; {} is all. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      /** Or the one of this name. */
      readonly target?: string | undefined;
      readonly reason: string;
    };
    answer: {
      readonly id: string;
      /** Targets that have all of these; empty: all targets. Null: it is the one named. */
      readonly labels: Readonly<Record<string, string>> | null;
      readonly target: string | null;
      readonly reason: string;
      readonly createdAt: string;
      readonly createdBy: string;
      /** null while it stands. */
      readonly removedAt: string | null;
      readonly removedBy: string | null;
    };
  };
  /** Protections that stand */
  listProtections: {
    params: undefined;
    query: {
      /** Removed ones, too. */
      readonly all?: 'true' | 'false' | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        /** Targets that have all of these; empty: all targets. Null: it is the one named. */
        readonly labels: Readonly<Record<string, string>> | null;
        readonly target: string | null;
        readonly reason: string;
        readonly createdAt: string;
        readonly createdBy: string;
        /** null while it stands. */
        readonly removedAt: string | null;
        readonly removedBy: string | null;
      })[];
    };
  };
  /** Remove a protection */
  removeProtection: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      /** Targets that have all of these; empty: all targets. Null: it is the one named. */
      readonly labels: Readonly<Record<string, string>> | null;
      readonly target: string | null;
      readonly reason: string;
      readonly createdAt: string;
      readonly createdBy: string;
      /** null while it stands. */
      readonly removedAt: string | null;
      readonly removedBy: string | null;
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status?: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed' | undefined;
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
        readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
          readonly kind: 'wave_approval';
          /** Null: single deployments of it wait, each for its own approval. */
          readonly wave: number | null;
          readonly count: number;
          /** The first 20. */
          readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
        readonly column: number | null;
        readonly sourceLine: string | null;
        readonly message: string;
        readonly hint: string;
        readonly count: number;
        readonly targets: readonly string[];
        /** That of the first of them: an example of all. */
        readonly deployment: string;
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
          readonly kind: 'wave_approval';
          /** Null: single deployments of it wait, each for its own approval. */
          readonly wave: number | null;
          readonly count: number;
          /** The first 20. */
          readonly targets: readonly string[];
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
          readonly kind: 'approval';
          /** What stood over its target when it began to wait. */
          readonly protection: string | null;
          readonly reason: string;
          /** Who protected the target. */
          readonly by: string | null;
          readonly since: string;
          /** Why an earlier approval holds no more; null: there was none. */
          readonly voided: string | null;
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
          readonly kind: 'wave_approval';
          /** Null: single deployments of it wait, each for its own approval. */
          readonly wave: number | null;
          readonly count: number;
          /** The first 20. */
          readonly targets: readonly string[];
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
          readonly kind: 'approval';
          /** What stood over its target when it began to wait. */
          readonly protection: string | null;
          readonly reason: string;
          /** Who protected the target. */
          readonly by: string | null;
          readonly since: string;
          /** Why an earlier approval holds no more; null: there was none. */
          readonly voided: string | null;
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
  /** How many targets had ended by when, and how */
  getRolloutProgress: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      /** How many there are. */
      readonly targets: number;
      readonly points: readonly {
        readonly at: string;
        readonly succeeded: number;
        readonly failed: number;
        readonly needs_attention: number;
        readonly cancelled: number;
        readonly skipped: number;
      }[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
  /** What has happened with a deployment */
  listDeploymentEvents: {
    params: {
      readonly id: string;
    };
    query: {
      /** The `number` of the last event that is known. */
      readonly after?: number | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly {
        readonly deploymentId: string;
        readonly number: number;
        readonly id: string;
        readonly at: string;
        readonly type: string;
        readonly data: Readonly<Record<string, unknown>>;
      }[];
      /** Where the next page begins; null: these are all there are by now. */
      readonly nextAfter: number | null;
    };
  };
  /** What has happened with a rollout */
  listRolloutEvents: {
    params: {
      readonly id: string;
    };
    query: {
      /** The `number` of the last event that is known. */
      readonly after?: number | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly {
        readonly rolloutId: string;
        readonly number: number;
        readonly at: string;
        readonly type: string;
        readonly data: Readonly<Record<string, unknown>>;
      }[];
      /** Where the next page begins; null: these are all there are by now. */
      readonly nextAfter: number | null;
    };
  };
  /** What would be run if a deployment were approved */
  getDeploymentApproval: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly deployment: string;
      readonly status: string;
      readonly target: string;
      /** Where the target’s DSN leads, without a secret. */
      readonly address: string;
      readonly mode: string;
      readonly onError: string;
      readonly bundle: string;
      readonly resolution: {
        readonly file: string;
        readonly outcome: 'applied' | 'not-applied';
      } | null;
      readonly askedBy: string;
      /** Of what was shown: approving names it. */
      readonly plan: string;
      /** ledger: by the target’s ledger as it was last seen. worker: a worker made it there, and ran nothing. never_seen: nobody has been there, and the files are all that may be run. */
      readonly basis: 'ledger' | 'worker' | 'never_seen';
      /** When that was; null: never. */
      readonly seenAt: string | null;
      /** The files that would be run, in order. */
      readonly steps: readonly {
        readonly path: string;
        readonly sha256: string;
      }[];
      /** Why nothing would be run, as far as is known. */
      readonly stop: {
        readonly code: string;
        readonly message: string;
      } | null;
    };
  };
  /** Let a deployment run as it was shown */
  approveDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** The digest of the plan that you were shown: nobody approves what they did not see. */
      readonly plan: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
  /** Say no to a deployment that waits for an approval */
  rejectDeployment: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly reason: string;
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
        readonly kind: 'approval';
        /** What stood over its target when it began to wait. */
        readonly protection: string | null;
        readonly reason: string;
        /** Who protected the target. */
        readonly by: string | null;
        readonly since: string;
        /** Why an earlier approval holds no more; null: there was none. */
        readonly voided: string | null;
      } | {
        readonly kind: 'freeze';
        readonly freeze: string;
        readonly reason: string;
        readonly by: string;
        readonly since: string;
      } | null;
      /** Null: nobody has approved it, or it was voided. */
      readonly approval: {
        readonly by: string;
        readonly at: string;
        readonly plan: string;
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
  /** What would be run if the wave that waits were approved */
  getRolloutApproval: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly rollout: string;
      readonly status: string;
      readonly mode: string;
      readonly bundle: string;
      readonly askedBy: string;
      /** Null: no wave of it waits for an approval. */
      readonly wave: number | null;
      readonly plan: string | null;
      readonly targets: number;
      readonly plans: readonly ({
        readonly targets: readonly string[];
        /** ledger: by the target’s ledger as it was last seen. worker: a worker made it there, and ran nothing. never_seen: nobody has been there, and the files are all that may be run. */
        readonly basis: 'ledger' | 'worker' | 'never_seen';
        readonly oldestSeenAt: string | null;
        /** The files that would be run, in order. */
        readonly steps: readonly {
          readonly path: string;
          readonly sha256: string;
        }[];
        /** Why nothing would be run, as far as is known. */
        readonly stop: {
          readonly code: string;
          readonly message: string;
        } | null;
      })[];
    };
  };
  /** Let the wave that waits begin as it was shown */
  approveRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** The digest of the plan that you were shown: nobody approves what they did not see. */
      readonly plan: string;
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
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
  /** Say no to a wave that waits for an approval */
  rejectRollout: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly reason: string;
    };
    answer: {
      readonly id: string;
      readonly mode: string;
      /** What its next deployments bring. */
      readonly bundle: string;
      readonly dryRun: boolean;
      readonly priority: number;
      readonly status: 'awaiting_approval' | 'scheduled' | 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'cancelling' | 'cancelled' | 'succeeded' | 'failed';
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
        readonly kind: 'wave_approval';
        /** Null: single deployments of it wait, each for its own approval. */
        readonly wave: number | null;
        readonly count: number;
        /** The first 20. */
        readonly targets: readonly string[];
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
  /** What the key of this request is and may */
  getMe: {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: {
      readonly name: string;
      readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
      readonly labels: Readonly<Record<string, string>>;
      readonly expiresAt: string | null;
      /** Of the service. */
      readonly version: string;
    };
  };
  /** Sign in on this machine with the code that `npm start` shows */
  signIn: {
    params: undefined;
    query: undefined;
    body: {
      readonly code: string;
    };
    answer: {
      readonly name: string;
      readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
      readonly expiresAt: string | null;
      readonly key: string;
    };
  };
  /** Have changes told to a URL */
  createWebhook: {
    params: undefined;
    query: undefined;
    body: {
      /** https://. Shown to admins and kept as it is: put no secret into it, the signature tells who sends. */
      readonly url: string;
      /** Types of messages: `*`, all of a kind (`deployment.*`), or one by one (`deployment.failed`). */
      readonly events?: readonly ('*' | 'deployment.*' | 'rollout.*' | 'webhook.*' | 'deployment.awaiting_approval' | 'deployment.scheduled' | 'deployment.queued' | 'deployment.running' | 'deployment.cancelling' | 'deployment.succeeded' | 'deployment.failed' | 'deployment.cancelled' | 'deployment.needs_attention' | 'rollout.awaiting_approval' | 'rollout.scheduled' | 'rollout.running' | 'rollout.pausing' | 'rollout.paused' | 'rollout.stopping' | 'rollout.stopped' | 'rollout.cancelling' | 'rollout.cancelled' | 'rollout.succeeded' | 'rollout.failed' | 'webhook.disabled' | 'webhook.test')[] | undefined;
      /** Only what concerns targets that have all of these; empty: everything. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly description?: string | null | undefined;
    };
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
      /** `whsec_…`: in this answer and nowhere else. */
      readonly secret: string;
    };
  };
  /** All webhooks, newest first */
  listWebhooks: {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: {
      readonly items: readonly ({
        readonly id: string;
        readonly url: string;
        readonly description: string | null;
        readonly events: readonly string[];
        readonly labels: Readonly<Record<string, string>>;
        /** Why nothing is sent to it; null while it is on. */
        readonly disabled: {
          readonly at: string;
          readonly by: string;
          readonly reason: string;
        } | null;
        /** Since when there has been no success; null when the latest try was one. */
        readonly failingSince: string | null;
        /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
        readonly restsUntil: string | null;
        readonly lastSuccessAt: string | null;
        readonly lastFailure: {
          readonly at: string;
          readonly error: string;
        } | null;
        /** Until when the secret before this one signs too. */
        readonly previousSecretUntil: string | null;
        readonly createdAt: string;
        readonly createdBy: string;
        readonly updatedAt: string;
      })[];
    };
  };
  /** One webhook, and how it fares */
  getWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
    };
  };
  /** Change a webhook */
  changeWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** https://. Shown to admins and kept as it is: put no secret into it, the signature tells who sends. */
      readonly url?: string | undefined;
      /** Types of messages: `*`, all of a kind (`deployment.*`), or one by one (`deployment.failed`). */
      readonly events?: readonly ('*' | 'deployment.*' | 'rollout.*' | 'webhook.*' | 'deployment.awaiting_approval' | 'deployment.scheduled' | 'deployment.queued' | 'deployment.running' | 'deployment.cancelling' | 'deployment.succeeded' | 'deployment.failed' | 'deployment.cancelled' | 'deployment.needs_attention' | 'rollout.awaiting_approval' | 'rollout.scheduled' | 'rollout.running' | 'rollout.pausing' | 'rollout.paused' | 'rollout.stopping' | 'rollout.stopped' | 'rollout.cancelling' | 'rollout.cancelled' | 'rollout.succeeded' | 'rollout.failed' | 'webhook.disabled' | 'webhook.test')[] | undefined;
      /** Only what concerns targets that have all of these; empty: everything. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly description?: string | null | undefined;
    };
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
    };
  };
  /** Remove a webhook */
  removeWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Switch a webhook on again */
  enableWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
    };
  };
  /** Switch a webhook off */
  disableWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly reason?: string | undefined;
    };
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
    };
  };
  /** Give a webhook another secret */
  rotateWebhookSecret: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      /** How long the secret before signs too; 0: no longer, as after it was lost. */
      readonly keepPreviousSeconds?: number | undefined;
    };
    answer: {
      readonly id: string;
      readonly url: string;
      readonly description: string | null;
      readonly events: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
      /** Why nothing is sent to it; null while it is on. */
      readonly disabled: {
        readonly at: string;
        readonly by: string;
        readonly reason: string;
      } | null;
      /** Since when there has been no success; null when the latest try was one. */
      readonly failingSince: string | null;
      /** Until when nothing is sent: its receiver asked for it, or has failed again and again. */
      readonly restsUntil: string | null;
      readonly lastSuccessAt: string | null;
      readonly lastFailure: {
        readonly at: string;
        readonly error: string;
      } | null;
      /** Until when the secret before this one signs too. */
      readonly previousSecretUntil: string | null;
      readonly createdAt: string;
      readonly createdBy: string;
      readonly updatedAt: string;
      /** `whsec_…`: in this answer and nowhere else. */
      readonly secret: string;
    };
  };
  /** Send a message to try a webhook */
  testWebhook: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      /** What goes out as `webhook-id`. */
      readonly id: string;
      readonly type: string;
      /** pending, succeeded, or failed: given up after its last try. */
      readonly status: string;
      /** Since it was made, or last sent again by hand. */
      readonly tries: number;
      /** When it is tried next; of one that is under way: when it is given up on. */
      readonly nextAttemptAt: string | null;
      /** The latest 20, the newest last. */
      readonly attempts: readonly ({
        readonly at: string;
        /** What the receiver answered; null when it did not. */
        readonly status: number | null;
        readonly error: string | null;
        /** How the answer to a failed one began. */
        readonly answer: string | null;
        readonly durationMs: number;
      })[];
      readonly createdAt: string;
      readonly finishedAt: string | null;
    };
  };
  /** What was sent to a webhook, and is to be, newest first */
  listWebhookDeliveries: {
    params: {
      readonly id: string;
    };
    query: {
      readonly status?: 'pending' | 'succeeded' | 'failed' | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    body: undefined;
    answer: {
      readonly items: readonly ({
        /** What goes out as `webhook-id`. */
        readonly id: string;
        readonly type: string;
        /** pending, succeeded, or failed: given up after its last try. */
        readonly status: string;
        /** Since it was made, or last sent again by hand. */
        readonly tries: number;
        /** When it is tried next; of one that is under way: when it is given up on. */
        readonly nextAttemptAt: string | null;
        /** The latest 20, the newest last. */
        readonly attempts: readonly ({
          readonly at: string;
          /** What the receiver answered; null when it did not. */
          readonly status: number | null;
          readonly error: string | null;
          /** How the answer to a failed one began. */
          readonly answer: string | null;
          readonly durationMs: number;
        })[];
        readonly createdAt: string;
        readonly finishedAt: string | null;
      })[];
      readonly nextCursor: string | null;
    };
  };
  /** One delivery, with the message itself */
  getWebhookDelivery: {
    params: {
      readonly id: string;
      readonly delivery: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      /** What goes out as `webhook-id`. */
      readonly id: string;
      readonly type: string;
      /** pending, succeeded, or failed: given up after its last try. */
      readonly status: string;
      /** Since it was made, or last sent again by hand. */
      readonly tries: number;
      /** When it is tried next; of one that is under way: when it is given up on. */
      readonly nextAttemptAt: string | null;
      /** The latest 20, the newest last. */
      readonly attempts: readonly ({
        readonly at: string;
        /** What the receiver answered; null when it did not. */
        readonly status: number | null;
        readonly error: string | null;
        /** How the answer to a failed one began. */
        readonly answer: string | null;
        readonly durationMs: number;
      })[];
      readonly createdAt: string;
      readonly finishedAt: string | null;
      /** What is sent. */
      readonly message: Readonly<Record<string, unknown>>;
    };
  };
  /** Send a message once more */
  resendWebhookDelivery: {
    params: {
      readonly id: string;
      readonly delivery: string;
    };
    query: undefined;
    body: undefined;
    answer: {
      /** What goes out as `webhook-id`. */
      readonly id: string;
      readonly type: string;
      /** pending, succeeded, or failed: given up after its last try. */
      readonly status: string;
      /** Since it was made, or last sent again by hand. */
      readonly tries: number;
      /** When it is tried next; of one that is under way: when it is given up on. */
      readonly nextAttemptAt: string | null;
      /** The latest 20, the newest last. */
      readonly attempts: readonly ({
        readonly at: string;
        /** What the receiver answered; null when it did not. */
        readonly status: number | null;
        readonly error: string | null;
        /** How the answer to a failed one began. */
        readonly answer: string | null;
        readonly durationMs: number;
      })[];
      readonly createdAt: string;
      readonly finishedAt: string | null;
    };
  };
  /** Make a key */
  createKey: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
      readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
      /** The targets it is for: those with all of these; none: all. */
      readonly labels?: Readonly<Record<string, string>> | undefined;
      readonly expiresAt?: string | null | undefined;
    };
    answer: {
      readonly id: string;
      readonly name: string;
      readonly prefix: string;
      readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
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
        readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
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
      readonly role: 'viewer' | 'deployer' | 'approver' | 'admin';
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
        /** What it has in hand, of targets that this key may see. */
        readonly current: readonly {
          readonly deployment: string;
          readonly target: string;
          readonly since: string;
        }[];
      }[];
    };
  };
  /** Every change, newest first */
  listAudit: {
    params: undefined;
    query: {
      readonly subjectType?: 'target' | 'bundle' | 'deployment' | 'rollout' | 'freeze' | 'protection' | 'webhook' | 'key' | 'encryption_key' | undefined;
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
  listBundles: { method: 'GET', path: '/v1/bundles', role: 'viewer' },
  getBundle: { method: 'GET', path: '/v1/bundles/{digest}', role: 'viewer' },
  getBundleFile: { method: 'GET', path: '/v1/bundles/{digest}/file', role: 'viewer' },
  compareBundles: { method: 'GET', path: '/v1/bundles/{digest}/diff', role: 'viewer' },
  exportDeployments: { method: 'GET', path: '/v1/deployments/export', role: 'viewer' },
  createDeployment: { method: 'POST', path: '/v1/deployments', role: 'deployer' },
  listDeployments: { method: 'GET', path: '/v1/deployments', role: 'viewer' },
  getDeployment: { method: 'GET', path: '/v1/deployments/{id}', role: 'viewer' },
  cancelDeployment: { method: 'POST', path: '/v1/deployments/{id}/cancel', role: 'deployer' },
  retryDeployment: { method: 'POST', path: '/v1/deployments/{id}/retry', role: 'deployer' },
  resolveDeployment: { method: 'POST', path: '/v1/deployments/{id}/resolve', role: 'deployer' },
  getQueue: { method: 'GET', path: '/v1/queue', role: 'viewer' },
  getQueueDepth: { method: 'GET', path: '/v1/queue/depth', role: 'viewer' },
  getFleet: { method: 'GET', path: '/v1/fleet', role: 'viewer' },
  getFleetFiles: { method: 'GET', path: '/v1/fleet/files', role: 'viewer' },
  createFreeze: { method: 'POST', path: '/v1/freezes', role: 'deployer' },
  listFreezes: { method: 'GET', path: '/v1/freezes', role: 'viewer' },
  liftFreeze: { method: 'DELETE', path: '/v1/freezes/{id}', role: 'deployer' },
  createProtection: { method: 'POST', path: '/v1/protections', role: 'admin' },
  listProtections: { method: 'GET', path: '/v1/protections', role: 'viewer' },
  removeProtection: { method: 'DELETE', path: '/v1/protections/{id}', role: 'admin' },
  createRollout: { method: 'POST', path: '/v1/rollouts', role: 'deployer' },
  listRollouts: { method: 'GET', path: '/v1/rollouts', role: 'viewer' },
  getRollout: { method: 'GET', path: '/v1/rollouts/{id}', role: 'viewer' },
  listRolloutTargets: { method: 'GET', path: '/v1/rollouts/{id}/targets', role: 'viewer' },
  getRolloutProgress: { method: 'GET', path: '/v1/rollouts/{id}/progress', role: 'viewer' },
  watchRollout: { method: 'GET', path: '/v1/rollouts/{id}/events', role: 'viewer' },
  pauseRollout: { method: 'POST', path: '/v1/rollouts/{id}/pause', role: 'deployer' },
  resumeRollout: { method: 'POST', path: '/v1/rollouts/{id}/resume', role: 'deployer' },
  retryFailedRollout: { method: 'POST', path: '/v1/rollouts/{id}/retry-failed', role: 'deployer' },
  cancelRollout: { method: 'POST', path: '/v1/rollouts/{id}/cancel', role: 'deployer' },
  promoteRollout: { method: 'POST', path: '/v1/rollouts/{id}/promote', role: 'deployer' },
  skipRollout: { method: 'POST', path: '/v1/rollouts/{id}/skip', role: 'deployer' },
  listDeploymentEvents: { method: 'GET', path: '/v1/deployments/{id}/events/page', role: 'viewer' },
  listRolloutEvents: { method: 'GET', path: '/v1/rollouts/{id}/events/page', role: 'viewer' },
  getDeploymentApproval: { method: 'GET', path: '/v1/deployments/{id}/approval', role: 'viewer' },
  approveDeployment: { method: 'POST', path: '/v1/deployments/{id}/approve', role: 'approver' },
  rejectDeployment: { method: 'POST', path: '/v1/deployments/{id}/reject', role: 'approver' },
  getRolloutApproval: { method: 'GET', path: '/v1/rollouts/{id}/approval', role: 'viewer' },
  approveRollout: { method: 'POST', path: '/v1/rollouts/{id}/approve', role: 'approver' },
  rejectRollout: { method: 'POST', path: '/v1/rollouts/{id}/reject', role: 'approver' },
  watchDeployment: { method: 'GET', path: '/v1/deployments/{id}/events', role: 'viewer' },
  watchAll: { method: 'GET', path: '/v1/events', role: 'viewer' },
  getMe: { method: 'GET', path: '/v1/me', role: 'viewer' },
  signIn: { method: 'POST', path: '/v1/sign-in', role: null },
  createWebhook: { method: 'POST', path: '/v1/webhooks', role: 'admin' },
  listWebhooks: { method: 'GET', path: '/v1/webhooks', role: 'admin' },
  getWebhook: { method: 'GET', path: '/v1/webhooks/{id}', role: 'admin' },
  changeWebhook: { method: 'PUT', path: '/v1/webhooks/{id}', role: 'admin' },
  removeWebhook: { method: 'DELETE', path: '/v1/webhooks/{id}', role: 'admin' },
  enableWebhook: { method: 'POST', path: '/v1/webhooks/{id}/enable', role: 'admin' },
  disableWebhook: { method: 'POST', path: '/v1/webhooks/{id}/disable', role: 'admin' },
  rotateWebhookSecret: { method: 'POST', path: '/v1/webhooks/{id}/rotate-secret', role: 'admin' },
  testWebhook: { method: 'POST', path: '/v1/webhooks/{id}/test', role: 'admin' },
  listWebhookDeliveries: { method: 'GET', path: '/v1/webhooks/{id}/deliveries', role: 'admin' },
  getWebhookDelivery: { method: 'GET', path: '/v1/webhooks/{id}/deliveries/{delivery}', role: 'admin' },
  resendWebhookDelivery: { method: 'POST', path: '/v1/webhooks/{id}/deliveries/{delivery}/resend', role: 'admin' },
  createKey: { method: 'POST', path: '/v1/keys', role: 'admin' },
  listKeys: { method: 'GET', path: '/v1/keys', role: 'admin' },
  revokeKey: { method: 'DELETE', path: '/v1/keys/{id}', role: 'admin' },
  listWorkers: { method: 'GET', path: '/v1/workers', role: 'viewer' },
  listAudit: { method: 'GET', path: '/v1/audit', role: 'admin' },
  verifyAudit: { method: 'GET', path: '/v1/audit/verify', role: 'admin' },
} as const;
