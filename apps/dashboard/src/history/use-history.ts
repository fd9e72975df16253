import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import type { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { useClient } from '../session/session.tsx';
import type { HistoryFilter } from './history-filter.ts';
import { type HistoryPage, isSettled, mergePages, type PastDeployment, reaches } from './merge-pages.ts';

const PAGE_ROWS = 200;
/** How many pages with deployments under way are asked for anew at a time. */
const MOST_REFRESHED = 3;

type Pages = InfiniteData<HistoryPage, string | null>;

export interface History {
  /** Undefined while they are asked for. */
  readonly rows: readonly PastDeployment[] | undefined;
  readonly hasMore: boolean;
  readonly fetchMore: () => void;
  readonly error: ApiError | null;
  readonly retry: () => void;
}

/**
 * The past, page by page. What has ended does not change: of the pages that were fetched only the first, and those with
 * deployments under way, are asked for anew.
 */
export function useHistory(filter: HistoryFilter): History {
  const client = useClient();
  const queries = useQueryClient();
  const key = useMemo(() => ['history', filter], [filter]);
  const query = useMemo(() => ({ ...filter, limit: PAGE_ROWS }), [filter]);
  const head = useAsk('listDeployments', { query });
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery<
    HistoryPage,
    ApiError,
    Pages,
    readonly unknown[],
    string | null
  >({
    queryKey: key,
    queryFn: ({ signal, pageParam }) =>
      pageParam === null
        ? // The very question of `head`: one request for both.
          queries.fetchQuery({
            queryKey: ['listDeployments', { query }],
            queryFn: () => client.call('listDeployments', { query }),
          })
        : client.call('listDeployments', { query: { ...query, cursor: pageParam } }, { signal }),
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });
  const latest = head.isPlaceholderData || isPlaceholderData ? undefined : head.data;
  useEffect(() => {
    const pages = queries.getQueryData<Pages>(key);
    const first = pages?.pages[0];
    if (latest === undefined || first === undefined) return undefined;
    if (!reaches(latest, first)) {
      void queries.resetQueries({ queryKey: key });
      return undefined;
    }
    const ended = new AbortController();
    void refreshMoving({ client, queries, key, filter, signal: ended.signal });
    return () => ended.abort();
  }, [client, queries, key, filter, latest]);
  const rows = useMemo(() => {
    const first = data?.pages[0];
    return data === undefined || first === undefined ? undefined : mergePages(latest ?? first, data.pages);
  }, [data, latest]);
  const fetchMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows, hasMore: hasNextPage, fetchMore, error, retry: () => void refetch() };
}

/** Asks anew for the pages after the first that have deployments under way. */
async function refreshMoving({
  client,
  queries,
  key,
  filter,
  signal,
}: {
  readonly client: ApiClient;
  readonly queries: QueryClient;
  readonly key: readonly unknown[];
  readonly filter: HistoryFilter;
  readonly signal: AbortSignal;
}): Promise<void> {
  const shown = queries.getQueryData<Pages>(key);
  const moving = (shown?.pages ?? []).flatMap((page, index) => (index === 0 || isSettled(page) ? [] : [index]));
  for (const index of moving.slice(0, MOST_REFRESHED)) {
    const query = { ...filter, limit: PAGE_ROWS, cursor: shown?.pageParams[index] ?? undefined };
    try {
      const { items } = await client.call('listDeployments', { query }, { signal });
      queries.setQueryData<Pages>(
        key,
        (now) => now && { ...now, pages: now.pages.map((page, at) => (at === index ? { ...page, items } : page)) },
      );
    } catch {
      // It stays as it was; the next event asks again.
      return;
    }
  }
}
