import type { ControlDatabase } from '../database/control-database.ts';
import { headsOfLines } from '../deployments/line.ts';
import { abandonExpired, type Abandoned } from '../deployments/transitions/abandon.ts';
import { queueDue } from '../deployments/transitions/queue-due.ts';
import type { Bell } from './bell.ts';

const PAGE = 500;
/** So that one round stays short, whatever has piled up; the next goes on where it ended. */
const MOST_PAGES = 20;

/** What a round of reconciling found. */
export interface Reconciled {
  readonly queued: number;
  readonly abandoned: readonly Abandoned[];
  /** How many heads of lines were looked after. */
  readonly heads: number;
  /** Where the next round is to go on among the lines; 0: from the beginning. */
  readonly next: string;
}

/**
 * Every row that should be moving and may not be is rung again: scheduled ones whose time has come, those of lost
 * workers, and the heads of all lines. Safe to run in any number of processes at once, and cheap when nothing is wrong.
 * @param from what the last round gave as `next`
 */
export async function reconcile(db: ControlDatabase, bell: Bell, from = '0'): Promise<Reconciled> {
  const queued = await queueDue(db, PAGE);
  const abandoned = await abandonExpired(db, PAGE);
  if (abandoned.length > 0) bell.tell({ deploymentIds: abandoned.map(({ id }) => id), cancel: false });
  let looked = 0;
  let after: string | null = from;
  for (let page = 0; page < MOST_PAGES && after !== null; page++) {
    const { heads, next } = await headsOfLines(db.pool, after, PAGE);
    if (heads.length > 0) await bell.ringMissing(heads);
    looked += heads.length;
    after = next;
  }
  return { queued: queued.length, abandoned, heads: looked, next: after ?? '0' };
}
