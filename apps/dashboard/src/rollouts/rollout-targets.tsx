import { type JSX, useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { usePages } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { useHasView, ViewLink } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { tookText } from './event-text.ts';
import { brief, lookOf, type RolloutDetail, type RolloutTarget, TARGET_STATES } from './rollout.ts';
import { SkipDialog } from './skip-dialog.tsx';
import { maySkip } from './steering.ts';
import { Waiting } from './waiting.tsx';

/** As many as the API gives at once. */
const PAGE = 200;

const COLUMNS: readonly Column<RolloutTarget>[] = [
  {
    id: 'target',
    title: 'Target',
    width: 'minmax(10rem, 1fr)',
    cell: ({ target }) => (
      <ViewLink view="/targets/:name" to={`/targets/${encodeURIComponent(target)}`}>
        {target}
      </ViewLink>
    ),
  },
  { id: 'wave', title: 'Wave', width: '4.5rem', align: 'end', cell: ({ wave }) => wave },
  { id: 'state', title: 'State', width: '10rem', cell: ({ state }) => <Status status={lookOf(state)} /> },
  { id: 'why', title: 'Why', width: 'minmax(16rem, 3fr)', cell: (row) => <Why row={row} /> },
  {
    id: 'deployment',
    title: 'Deployment',
    width: '8rem',
    cell: ({ deployment }) =>
      deployment !== null && (
        <ViewLink view="/deployments/:id" to={`/deployments/${deployment}`}>
          <code>{brief(deployment)}</code>
        </ViewLink>
      ),
  },
  { id: 'tries', title: 'Tries', width: '4.5rem', align: 'end', cell: ({ tries }) => (tries > 0 ? tries : '') },
  {
    id: 'took',
    title: 'Took',
    width: '6rem',
    align: 'end',
    cell: ({ startedAt, finishedAt }) => tookText(startedAt, finishedAt),
  },
];

/** Its targets in their order, with what each waits for; by state and wave, as the address says. */
export function RolloutTargets({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const address = useAddress();
  const may = useMay();
  const [skipping, setSkipping] = useState<RolloutTarget | null>(null);
  const state = TARGET_STATES.find((each) => each === address.get('state'));
  const wave = rollout.waves.find(({ number }) => String(number) === address.get('wave'))?.number;
  const { items, data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = usePages(
    'listRolloutTargets',
    { params: { id: rollout.id }, query: { state, wave, limit: PAGE } },
  );
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const canSkip = may('skipRollout');
  const [, navigate] = useLocation();
  const open = ({ deployment }: RolloutTarget): void => {
    if (deployment !== null) navigate(`/deployments/${deployment}`);
  };
  const hasDeployments = useHasView('/deployments/:id');
  const { status } = rollout;
  const columns = useMemo(() => (canSkip ? [...COLUMNS, skipColumn(status, setSkipping)] : COLUMNS), [canSkip, status]);
  return (
    <>
      <Filters rollout={rollout} state={state} wave={wave} />
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="20rem" />
      ) : (
        <DataTable
          label="Targets of this rollout"
          columns={columns}
          rows={items}
          rowKey={({ target }) => target}
          {...(hasDeployments ? { onOpen: open } : {})}
          onEndReached={more}
          empty={
            <Empty title="No target fits">
              <Button onClick={() => address.set({ state: null, wave: null })}>Show all targets</Button>
            </Empty>
          }
        />
      )}
      {skipping !== null && <SkipDialog rollout={rollout} target={skipping} onClose={() => setSkipping(null)} />}
    </>
  );
}

function skipColumn(status: string, onSkip: (row: RolloutTarget) => void): Column<RolloutTarget> {
  return {
    id: 'skip',
    title: '',
    width: '6rem',
    align: 'end',
    cell: (row) =>
      maySkip(status, row.state) && (
        <Button kind="quiet" aria-label={`Skip ${row.target}…`} onClick={() => onSkip(row)}>
          Skip…
        </Button>
      ),
  };
}

function Filters({
  rollout,
  state,
  wave,
}: {
  readonly rollout: RolloutDetail;
  readonly state: string | undefined;
  readonly wave: number | undefined;
}): JSX.Element {
  const address = useAddress();
  return (
    <div className="row" role="group" aria-label="Which targets are shown">
      <label className="row">
        <span className="muted">State</span>
        <select className="select" value={state ?? ''} onChange={(event) => address.set({ state: event.target.value })}>
          <option value="">any</option>
          {TARGET_STATES.map((each) => (
            <option key={each} value={each}>
              {statusLook(lookOf(each)).label} ({rollout.counts[each].toLocaleString('en')})
            </option>
          ))}
        </select>
      </label>
      <label className="row">
        <span className="muted">Wave</span>
        <select
          className="select"
          value={wave === undefined ? '' : String(wave)}
          onChange={(event) => address.set({ wave: event.target.value })}
        >
          <option value="">any</option>
          {rollout.waves.map(({ number, total }) => (
            <option key={number} value={number}>
              {number} ({total.toLocaleString('en')})
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** Why it stands as it does: what it waits for, what failed, who left it out. */
function Why({ row }: { readonly row: RolloutTarget }): JSX.Element | null {
  const { waitingFor, failure, skipped } = row;
  if (waitingFor !== null) return <Waiting waitingFor={waitingFor} />;
  if (skipped !== null) {
    return (
      <span title={skipped.reason}>
        By {skipped.by}: {skipped.reason}
      </span>
    );
  }
  if (failure === null) return null;
  const place = failure.file === null ? '' : `${failure.file}${failure.line === null ? '' : `:${failure.line}`}`;
  return (
    <span title={`${failure.message} ${failure.hint}`}>
      {failure.sqlstate !== null && <code>{failure.sqlstate}</code>} {failure.message}{' '}
      <code className="muted">{place}</code>
    </span>
  );
}
