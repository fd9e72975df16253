import type { Service } from './service.ts';
import type { Slot } from './slot.ts';
import { pause } from './wait.ts';

/** A deployment as it stands in the control database. */
export interface Row {
  readonly status: string;
  readonly finishedAt: Date | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

const FINAL = new Set(['succeeded', 'failed', 'cancelled', 'needs_attention']);

export async function readRow({ control }: Service, id: string): Promise<Row> {
  const [row] = await control.query<Row>(
    'SELECT status, finished_at AS "finishedAt", failure FROM control_plane.deployments WHERE id = $1',
    [id],
  );
  if (row === undefined) throw new Error(`Deployment ${id} is lost.`);
  return row;
}

/** Waits for its end. @returns how it stands then, or when the time is over */
export async function waitForEnd(service: Service, id: string, withinMs: number): Promise<Row> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const row = await readRow(service, id);
    if (FINAL.has(row.status) || performance.now() > deadline) return row;
    await pause(15);
  }
}

export function isFinal(status: string): boolean {
  return FINAL.has(status);
}

/** The worker that has it in hand; null: none just now. */
export async function findHolder({ control, workers }: Service, id: string): Promise<Slot | null> {
  const [row] = await control.query<{ pid: number }>(
    `SELECT w.pid FROM control_plane.deployments d JOIN control_plane.workers w ON w.id = d.worker_id WHERE d.id = $1`,
    [id],
  );
  return workers.find(({ pid }) => pid === row?.pid) ?? null;
}

/** What a deployment's runs begin their names with in pg_stat_activity of the target: part of the product's contract. */
export function runPrefix(deploymentId: string): string {
  return `postgres-manager ${deploymentId.replaceAll('-', '').slice(0, 12)}/`;
}
