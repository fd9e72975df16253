import { type JSX, useCallback } from 'react';
import { Link } from 'wouter';
import type { OperationId } from '../api/client.ts';
import { usePages } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { useHasView } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { Time } from '../ui/time.tsx';
import { View } from '../ui/view.tsx';
import { brief, type Rollout, ROLLOUT_STATUSES } from './rollout.ts';
import { EndedText, StateBar } from './state-bar.tsx';
import { waitingBrief, waitingText } from './waiting-text.ts';
import './rollouts.css';

const CREATE: OperationId = 'createRollout';
/** A pause is no event of a deployment: a list learns of it by the clock. */
const EVERY_MS = 10_000;

const COLUMNS: readonly Column<Rollout>[] = [
  { id: 'status', title: 'Status', width: '9rem', cell: ({ status }) => <Status status={status} /> },
  {
    id: 'rollout',
    title: 'Rollout',
    width: '6.5rem',
    cell: ({ id }) => (
      <Link to={`/rollouts/${id}`} className="mono">
        {brief(id)}
      </Link>
    ),
  },
  {
    id: 'progress',
    title: 'Targets ended',
    width: 'minmax(12rem, 1fr)',
    cell: ({ counts, targets }) => (
      <span className="bar-cell">
        <StateBar counts={counts} total={targets} />
        <EndedText counts={counts} total={targets} />
      </span>
    ),
  },
  {
    id: 'wave',
    title: 'Wave',
    width: '5rem',
    cell: ({ wave, waves }) => (
      <span className="nowrap">
        {wave} of {waves.length}
      </span>
    ),
  },
  {
    id: 'mode',
    title: 'Mode',
    width: '12.5rem',
    cell: ({ mode, dryRun }) => (dryRun ? `${mode}, dry run` : mode),
  },
  { id: 'bundle', title: 'Bundle', width: '6.5rem', cell: ({ bundle }) => <code>{brief(bundle)}</code> },
  {
    id: 'waits',
    title: 'Waits for',
    width: 'minmax(11rem, 1.4fr)',
    cell: ({ waitingFor }) =>
      waitingFor !== null && (
        <span title={waitingText(waitingFor)}>
          {waitingBrief(waitingFor)} {'until' in waitingFor && <Time at={waitingFor.until} />}
        </span>
      ),
  },
  { id: 'created', title: 'Made', width: '7rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'by', title: 'By', width: '7rem', cell: ({ createdBy }) => createdBy },
];

/** All rollouts, newest first. */
export function RolloutsView(): JSX.Element {
  const address = useAddress();
  const may = useMay();
  const canStart = useHasView('/start') && may(CREATE);
  const status = ROLLOUT_STATUSES.find((each) => each === address.get('status'));
  const { items, data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = usePages(
    'listRollouts',
    { query: { status } },
    { everyMs: EVERY_MS },
  );
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <View
      title="Rollouts"
      {...(canStart
        ? {
            actions: (
              <ButtonLink kind="primary" to="/start">
                Deploy…
              </ButtonLink>
            ),
          }
        : {})}
    >
      <div className="row" role="group" aria-label="What is shown">
        <label className="row">
          <span className="muted">Status</span>
          <select
            className="select"
            value={status ?? ''}
            onChange={(event) => address.set({ status: event.target.value })}
          >
            <option value="">any</option>
            {ROLLOUT_STATUSES.map((each) => (
              <option key={each} value={each}>
                {statusLook(each).label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="20rem" />
      ) : (
        <DataTable
          label="Rollouts"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          hrefOf={({ id }) => `/rollouts/${id}`}
          onEndReached={more}
          empty={<NoRollouts isFiltered={status !== undefined} />}
        />
      )}
    </View>
  );
}

function NoRollouts({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  const address = useAddress();
  if (isFiltered) {
    return (
      <Empty title="No rollout is in this status">
        <Button onClick={() => address.set({ status: null })}>Show all rollouts</Button>
      </Empty>
    );
  }
  return (
    <Empty title="No rollouts yet">
      <p>
        A rollout brings many targets to a bundle, in waves: <code>POST /v1/rollouts</code>, described at{' '}
        <a href="/docs#createRollout">/docs</a>. This key may see none.
      </p>
    </Empty>
  );
}
