import { type JSX, useCallback } from 'react';
import type { Item } from '../api/client.ts';
import { usePages } from '../api/hooks.ts';
import { WaitingForText } from '../deployment/waiting-for.tsx';
import { useAddress } from '../routing/address.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status, StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { Time } from '../ui/time.tsx';
import type { Queue } from './queue.ts';

type Deployment = Item<'listDeployments'>;

const COLUMNS: readonly Column<Deployment>[] = [
  { id: 'target', title: 'Target', width: 'minmax(9rem, 1fr)', cell: ({ target }) => target },
  { id: 'status', title: 'Status', width: '9rem', cell: ({ status }) => <Status status={status} /> },
  { id: 'since', title: 'Asked for', width: '8rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'by', title: 'By', width: 'minmax(7rem, 0.8fr)', cell: ({ createdBy }) => createdBy },
  {
    id: 'reason',
    title: 'Waits for',
    width: 'minmax(16rem, 3fr)',
    cell: ({ waitingFor }) =>
      waitingFor === null ? <span className="muted">it is under way</span> : <WaitingForText waiting={waitingFor} />,
  },
];

/** Every deployment that has not ended, with its one reason; newest first, as the history has them. */
export function Unfinished({ queue }: { readonly queue: Queue }): JSX.Element {
  const address = useAddress();
  const statuses = ['queued', 'running', ...queue.byStatus.map(({ status }) => status as string)];
  const chosen = address.get('status') || 'queued';
  const { items, data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = usePages('listDeployments', {
    query: { status: chosen as Queue['byStatus'][number]['status'] },
  });
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      <div className="row" role="group" aria-label="Filter by status">
        {[...new Set(statuses)].map((status) => (
          <button
            key={status}
            type="button"
            className="chip"
            data-tone={statusLook(status).tone}
            aria-pressed={status === chosen}
            onClick={() => address.set({ status })}
          >
            <StatusMark status={status} />
            <strong>{(queue.byStatus.find((each) => each.status === status)?.count ?? 0).toLocaleString('en')}</strong>{' '}
            {statusLook(status).label}
          </button>
        ))}
      </div>
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="12rem" />
      ) : (
        <DataTable
          label={`Deployments, ${statusLook(chosen).label}`}
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          hrefOf={({ id }) => `/deployments/${id}`}
          onEndReached={more}
          empty={<Empty title={`Nothing is ${statusLook(chosen).label}`} />}
        />
      )}
    </>
  );
}
