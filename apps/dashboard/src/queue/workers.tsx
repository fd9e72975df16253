import type { JSX } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { ViewLink } from '../routing/known-views.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { Duration, Time } from '../ui/time.tsx';
import type { Worker } from './queue.ts';

const COLUMNS: readonly Column<Worker>[] = [
  {
    id: 'worker',
    title: 'Worker',
    width: 'minmax(11rem, 1fr)',
    cell: ({ host, pid, id }) => (
      <span title={id}>
        {host} <span className="muted">pid {pid}</span>
      </span>
    ),
  },
  { id: 'alive', title: 'State', width: '7rem', cell: ({ alive }) => <Status status={alive ? 'alive' : 'silent'} /> },
  { id: 'heartbeat', title: 'Heartbeat', width: '8rem', cell: ({ heartbeatAt }) => <Time at={heartbeatAt} /> },
  { id: 'load', title: 'Load', width: '11rem', cell: (worker) => <Load worker={worker} /> },
  { id: 'current', title: 'In hand', width: 'minmax(14rem, 2fr)', cell: (worker) => <InHand worker={worker} /> },
  {
    id: 'started',
    title: 'Started',
    width: '8rem',
    cell: ({ startedAt }) => <Time at={startedAt} />,
  },
  { id: 'version', title: 'Version', width: '6.5rem', cell: ({ version }) => version },
];

/** Who carries deployments out: whether they are there, how busy they are, and with what. */
export function Workers({
  data,
  error,
  refetch,
}: {
  readonly data: { readonly items: readonly Worker[] } | undefined;
  readonly error: ApiError | null;
  readonly refetch: () => unknown;
}): JSX.Element {
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height="12rem" />;
  return (
    <DataTable
      label="Workers"
      columns={COLUMNS}
      rows={data.items}
      rowKey={({ id }) => id}
      empty={
        <Empty title="No worker has reported">
          <p>What is deployed waits until one is started: docs/operations.md says how.</p>
        </Empty>
      }
    />
  );
}

function Load({ worker: { running, concurrency, alive } }: { readonly worker: Worker }): JSX.Element {
  // What a silent one said last is not so any more.
  if (!alive) return <span className="muted">–</span>;
  return (
    <span className="load">
      <span className="load-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, running / Math.max(1, concurrency)) * 100}%` }} />
      </span>
      {running} of {concurrency}
    </span>
  );
}

const MOST_NAMED = 3;

function InHand({ worker: { current } }: { readonly worker: Worker }): JSX.Element {
  if (current.length === 0) return <span className="muted">nothing</span>;
  return (
    <span className="prose">
      {current.slice(0, MOST_NAMED).map(({ deployment, target, since }, index) => (
        <span key={deployment}>
          {index > 0 && ', '}
          <ViewLink view="/deployments/:id" to={`/deployments/${deployment}`}>
            {target}
          </ViewLink>{' '}
          <span className="muted">
            <Duration from={since} to={null} />
          </span>
        </span>
      ))}
      {current.length > MOST_NAMED && (
        <span className="muted" title={current.map(({ target }) => target).join(', ')}>
          {' '}
          and {current.length - MOST_NAMED} more
        </span>
      )}
    </span>
  );
}
