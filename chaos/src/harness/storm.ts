import type { Random } from '../random.ts';
import { API_MOMENTS, type Moment, TARGET_MOMENTS, WORKER_MOMENTS } from './failpoints.ts';
import type { Lab } from './lab.ts';
import type { Verdict } from './proxy.ts';
import type { Service } from './service.ts';
import type { Slot } from './slot.ts';
import { eventually, pause, seenWithin } from './wait.ts';

/** Counts what was done, by kind. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }
}

const WAIT_FOR_MOMENT_MS = 1500;
const WAIT_FOR_BACKEND_MS = 500;
const VERDICTS: readonly Verdict[] = ['none', 'half', 'pass'];

/**
 * Kills a process at a random time, or at a named moment; a moment that does not come is not waited for long.
 * @param moments between it and the control database; left out: what API and workers have in common with others
 */
export async function killSometime(
  slot: Slot,
  random: Random,
  tally: Tally,
  who: string,
  moments?: Readonly<Record<string, Moment>>,
): Promise<void> {
  const moment = moments !== undefined || random.chance(0.6) ? pickMoment(slot, random, moments) : null;
  if (moment === null) {
    await pause(random.between(0, 150));
    slot.kill();
    tally.add(`${who} killed at any time`);
    return;
  }
  let isHit = false;
  const verdict = random.pick(VERDICTS);
  moment.arm(() => {
    isHit = true;
    slot.kill();
    return verdict;
  });
  await eventually('', () => isHit, Boolean, WAIT_FOR_MOMENT_MS).catch(() => undefined);
  moment.disarm();
  if (!isHit) slot.kill();
  tally.add(`${who} killed ${isHit ? moment.name : 'at any time'}`);
}

interface ChosenMoment {
  readonly name: string;
  arm(act: () => Verdict): void;
  disarm(): void;
}

function pickMoment(slot: Slot, random: Random, given?: Readonly<Record<string, Moment>>): ChosenMoment {
  const own = given ?? (slot.target === null ? API_MOMENTS : WORKER_MOMENTS);
  const useTarget = given === undefined && slot.target !== null && random.chance(0.4);
  const points = useTarget && slot.target !== null ? slot.target : slot.control;
  const moments: Readonly<Record<string, Moment>> = useTarget ? TARGET_MOMENTS : own;
  const [name, moment] = random.pick(Object.entries(moments));
  return { name, arm: (act) => points.arm(moment, act), disarm: () => points.disarm() };
}

/** Ends one of the product's backends in some target. @returns whether there was one */
export async function terminateBackend({ targetCluster }: Pick<Lab, 'targetCluster'>): Promise<boolean> {
  const end = (): Promise<unknown[]> =>
    targetCluster.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name LIKE 'postgres-manager %/%' ORDER BY random() LIMIT 1`,
    );
  return (await seenWithin(end, (rows) => rows.length > 0, WAIT_FOR_BACKEND_MS)).length > 0;
}

/** Waits until all these deployments are final. @returns those that are not in time */
export async function untilFinal(service: Service, withinMs: number): Promise<{ id: string; status: string }[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const open = await service.control.query<{ id: string; status: string }>(
      `SELECT id, status FROM control_plane.deployments
       WHERE status NOT IN ('succeeded', 'failed', 'cancelled', 'needs_attention')`,
    );
    if (open.length === 0 || performance.now() > deadline) return open;
    await pause(50);
  }
}

/** How all deployments ended, by status, and those that did not succeed in sentences. */
export async function readEnds(
  service: Service,
): Promise<{ byStatus: Record<string, number>; notSucceeded: string[] }> {
  const rows = await service.control.query<{ id: string; status: string; target_name: string; failure: unknown }>(
    'SELECT id, status, target_name, failure FROM control_plane.deployments',
  );
  const byStatus: Record<string, number> = {};
  for (const { status } of rows) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const notSucceeded = rows
    .filter(({ status }) => status !== 'succeeded')
    .map((row) => `${row.target_name}: ${row.id} ${row.status} ${JSON.stringify(row.failure)}`);
  return { byStatus, notSucceeded };
}
