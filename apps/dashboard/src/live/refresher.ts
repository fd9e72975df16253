import type { QueryClient } from '@tanstack/react-query';

/** Has questions asked anew, together and not too often. */
export interface Refresher {
  /** @param operations names of calls whose answers are stale now */
  readonly add: (operations: readonly string[]) => void;
  readonly stop: () => void;
}

const FIRST_MS = 100;

/** @param spacingMs however much becomes stale, it is asked anew no more often than this */
export function refresher(queries: QueryClient, spacingMs: number): Refresher {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let flushedAt = -spacingMs;
  const plan = (): void => {
    timer ??= setTimeout(flush, Math.max(FIRST_MS, flushedAt + spacingMs - performance.now()));
  };
  const flush = (): void => {
    timer = null;
    flushedAt = performance.now();
    const names = new Set(stale);
    const isStale = ({ queryKey: [name] }: { readonly queryKey: readonly unknown[] }): boolean =>
      names.has(String(name));
    stale.clear();
    // A request under way is not cut off for the next one: under a steady stream none would ever end. Its answer may be
    // older than what made it stale, so it is asked once more behind it.
    for (const { queryKey } of queries.getQueryCache().findAll({ predicate: isStale, fetchStatus: 'fetching' }))
      stale.add(String(queryKey[0]));
    void queries.invalidateQueries({ predicate: isStale }, { cancelRefetch: false });
    if (stale.size > 0) plan();
  };
  return {
    add: (operations) => {
      for (const name of operations) stale.add(name);
      plan();
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
