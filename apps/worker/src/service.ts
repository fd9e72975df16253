import type { Bell, ControlDatabase, Ringer, RolloutMover } from '@postgres-manager/control-plane';
import type { ScriptCache } from '@postgres-manager/sql-deploy';
import type { Logger } from 'pino';
import type { BundleCache } from './bundle-cache.ts';
import type { Leases } from './leases.ts';
import type { Metrics } from './metrics.ts';
import type { Tracing } from './tracing.ts';
import type { Timing, WorkerConfig } from './worker-config.ts';

/** What the parts of one worker share. */
export interface Service {
  readonly workerId: string;
  readonly config: WorkerConfig;
  readonly timing: Timing;
  readonly control: ControlDatabase;
  readonly bell: Bell;
  readonly ringer: Ringer;
  readonly leases: Leases;
  readonly rollouts: RolloutMover;
  readonly bundles: BundleCache;
  readonly scripts: ScriptCache;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly log: Logger;
  /** Aborted when this worker waits for nothing any more: what is not written by then is left to the next. */
  readonly gone: AbortSignal;
}
