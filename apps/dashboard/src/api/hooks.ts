import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { usePollMs } from '../live/live.tsx';
import { useClient } from '../session/session.tsx';
import type { ApiError } from './api-error.ts';
import type { Answer, Input, Item, OperationId } from './client.ts';

const PAGE_SIZE = 100;

/** How a question is asked. */
export interface AskOptions {
  /** False: not now. */
  readonly enabled?: boolean;
  /** A list is also asked anew so often; by events alone when it is left out. */
  readonly everyMs?: number;
}

/**
 * What a GET of the API answers, kept up to date: asked anew when an event says that it changed
 * (live/what-changes.ts), and now and then besides. The same question asked twice is one request.
 */
export function useAsk<O extends OperationId>(
  operation: O,
  input: Input<O>,
  { enabled = true }: AskOptions = {},
): UseQueryResult<Answer<O>, ApiError> {
  const client = useClient();
  const pollMs = usePollMs();
  return useQuery<Answer<O>, ApiError>({
    queryKey: [operation, input],
    queryFn: ({ signal }) => client.call(operation, input, { signal }),
    enabled,
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
  });
}

/** A list that comes in pages, as one: `items`, and `fetchNextPage` for more. */
export function usePages<O extends OperationId>(
  operation: O,
  input: Input<O>,
  { enabled = true, everyMs }: AskOptions = {},
): UseInfiniteQueryResult<InfiniteData<Answer<O>>, ApiError> & { readonly items: readonly Item<O>[] } {
  const client = useClient();
  const result = useInfiniteQuery<Answer<O>, ApiError, InfiniteData<Answer<O>>, readonly unknown[], string | null>({
    queryKey: [operation, 'pages', input],
    queryFn: ({ signal, pageParam }) => {
      const { query = {}, ...rest } = input as { query?: object };
      const paged = { ...rest, query: { limit: PAGE_SIZE, ...query, cursor: pageParam ?? undefined } };
      return client.call(operation, paged as unknown as Input<O>, { signal });
    },
    initialPageParam: null,
    getNextPageParam: (last) => (last as { nextCursor?: string | null }).nextCursor ?? null,
    enabled,
    refetchInterval: everyMs ?? false,
    placeholderData: keepPreviousData,
  });
  const items = (result.data?.pages ?? []).flatMap((page) => (page as { items: readonly Item<O>[] }).items);
  return { ...result, items };
}

/**
 * A call that changes something. After it all that is shown is asked anew.
 * `const cancel = useAct('cancelDeployment'); cancel.mutate({ params: { id } })`
 */
export function useAct<O extends OperationId>(
  operation: O,
  headers?: Readonly<Record<string, string>>,
): UseMutationResult<Answer<O>, ApiError, Input<O>> {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation<Answer<O>, ApiError, Input<O>>({
    mutationFn: (input) => client.call(operation, input, { headers }),
    onSettled: () => queries.invalidateQueries(),
  });
}
