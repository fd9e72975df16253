import type { WaitingForFreeze } from '../freezes/freeze.ts';
import type { RolloutWaitingFor } from './decide.ts';
import type { TargetWaitingFor } from './rollout.ts';
import type { RolloutStatus } from './rollout-states.ts';

/** What is known of a target that waits for its turn. */
export interface PendingStanding {
  readonly status: RolloutStatus;
  readonly rolloutWaits: RolloutWaitingFor | null;
  readonly openWave: number;
  readonly wave: number;
  readonly server: string;
  /** Of its server, how many are under way in this rollout. */
  readonly serverStarted: number;
  readonly maxParallel: number;
  readonly maxParallelPerServer: number;
  /** What stands over it. */
  readonly freeze: WaitingForFreeze | null;
}

/** What a target waits for that has not been started. */
export function targetWaitingFor(standing: PendingStanding): TargetWaitingFor {
  const { rolloutWaits, wave, openWave, freeze } = standing;
  if (standing.status !== 'running' && rolloutWaits !== null) return rolloutWaits;
  if (freeze !== null) return freeze;
  if (rolloutWaits !== null && wave <= openWave + 1) return rolloutWaits;
  if (wave > openWave) return { kind: 'wave', wave: wave - 1 };
  return standing.serverStarted >= standing.maxParallelPerServer
    ? { kind: 'room', reason: `${standing.serverStarted} of ${standing.server} are under way: maxParallelPerServer.` }
    : { kind: 'room', reason: `${standing.maxParallel} are under way in all: maxParallel.` };
}
