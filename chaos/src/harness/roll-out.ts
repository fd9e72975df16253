import { randomUUID } from 'node:crypto';
import { pause, seenWithin } from './wait.ts';
import type { Limits } from './rollout-watch.ts';
import type { Service } from './service.ts';

export interface RolloutAsked extends Limits {
  readonly bundle: string;
  readonly targets: readonly string[];
  readonly waves: readonly unknown[];
  /** So many may fail. */
  readonly budget: number;
}

/** POSTs a rollout as release tooling does: under one Idempotency-Key, until it is accepted. @returns its id */
export async function postRollout({ http }: Service, asked: RolloutAsked): Promise<string> {
  const { budget, maxParallel, maxParallelPerServer, bundle, targets, waves } = asked;
  const failureBudget = { count: budget };
  const body = { mode: 'deployment', bundle, targets, waves, maxParallel, maxParallelPerServer, failureBudget };
  const { id } = await http.insist<{ id: string }>('POST', '/v1/rollouts', body, { 'idempotency-key': randomUUID() });
  return id;
}

const AT_REST = new Set(['paused', 'stopped', 'cancelled', 'succeeded', 'failed']);

/**
 * Waits until nothing more happens by itself.
 * @param deadline by the clock of `performance`
 * @returns the status then, or at the deadline
 */
export async function untilAtRest({ control }: Service, id: string, deadline: number): Promise<string> {
  const look = async (): Promise<string> => {
    await pause(80);
    const [row] = await control.query<{ status: string }>('SELECT status FROM control_plane.rollouts WHERE id = $1', [
      id,
    ]);
    return row?.status ?? 'lost';
  };
  return seenWithin(look, (status) => AT_REST.has(status), deadline - performance.now());
}
