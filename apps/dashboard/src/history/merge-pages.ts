import type { Item } from '../api/client.ts';

export type PastDeployment = Item<'listDeployments'>;

/** A page of the past. */
export interface HistoryPage {
  readonly items: readonly PastDeployment[];
  readonly nextCursor: string | null;
}

const FINAL = ['succeeded', 'failed', 'cancelled', 'needs_attention'];

/** Whether all of a page has ended: then it stays as it is. */
export function isSettled(page: HistoryPage): boolean {
  return page.items.every(({ status }) => FINAL.includes(status));
}

/**
 * Whether the first page as it is now still reaches down to the one that was fetched first; else more has come
 * meanwhile than a page holds, and there would be a gap.
 */
export function reaches(latest: HistoryPage, first: HistoryPage): boolean {
  const known = new Set(first.items.map(({ id }) => id));
  return latest.nextCursor === null || first.items.length === 0 || latest.items.some(({ id }) => known.has(id));
}

/**
 * The pages that were fetched as one list, the newest first. The first is asked for again and again: it counts down to
 * where it ends, and what new deployments pushed out of it stays.
 */
export function mergePages(latest: HistoryPage, pages: readonly HistoryPage[]): PastDeployment[] {
  const [first, ...others] = pages;
  const end = latest.items.at(-1)?.createdAt ?? '';
  const pushedOut =
    latest.nextCursor === null
      ? []
      : (first?.items ?? []).filter(({ createdAt }) => Date.parse(createdAt) <= Date.parse(end));
  const rows: PastDeployment[] = [];
  const seen = new Set<string>();
  for (const row of [...latest.items, ...pushedOut, ...others.flatMap(({ items }) => items)]) {
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    rows.push(row);
  }
  return rows;
}
