import { type JSX, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { FleetControls, StateChips } from '../fleet/fleet-controls.tsx';
import type { FleetTarget } from '../fleet/fleet.ts';
import { useFleet } from '../fleet/use-fleet.ts';
import { useAddress } from '../routing/address.ts';
import { useMay } from '../session/session.tsx';
import { Labels } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { View } from '../ui/view.tsx';
import { TargetDialog } from './target-dialog.tsx';
import '../fleet/fleet.css';

const COLUMNS: readonly Column<FleetTarget>[] = [
  { id: 'target', title: 'Target', width: 'minmax(10rem, 1.5fr)', cell: ({ target }) => target },
  { id: 'state', title: 'State', width: '8.5rem', cell: ({ state }) => <Status status={state} /> },
  {
    id: 'pending',
    title: 'Pending',
    width: '6rem',
    align: 'end',
    cell: ({ pending }) => (pending === null || pending === 0 ? <span className="muted">–</span> : pending),
  },
  {
    id: 'last',
    title: 'Last file',
    width: 'minmax(10rem, 1.5fr)',
    cell: ({ lastFile }) => lastFile !== null && <code>{lastFile.replace('deployment/', '')}</code>,
  },
  { id: 'labels', title: 'Labels', width: 'minmax(12rem, 2fr)', cell: ({ labels }) => <Labels labels={labels} /> },
  {
    id: 'deployment',
    title: 'Last deployment',
    width: '15rem',
    cell: ({ lastDeployment: last }) =>
      last !== null && (
        <span className="row">
          <Status status={last.status} /> <Time at={last.createdAt} />
        </span>
      ),
  },
  {
    id: 'seen',
    title: 'Seen',
    width: '7.5rem',
    align: 'end',
    cell: ({ lastContact }) =>
      lastContact === null ? <span className="muted">never</span> : <Time at={lastContact} />,
  },
];

/** Every target as a list, with the same filters as the fleet. */
export function TargetsView(): JSX.Element {
  const may = useMay();
  const [, navigate] = useLocation();
  const [isRegistering, setRegistering] = useState(false);
  const { all, shown, counts, bundle, bundles, error, retry } = useFleet();
  const rows = useMemo(() => [...shown].sort((a, b) => BY_NATURE.compare(a.target, b.target)), [shown]);
  return (
    <View
      title="Targets"
      beside={all !== undefined && <span className="muted">{counted(all.length, 'target')}</span>}
      {...(may('putTarget')
        ? {
            actions: (
              <Button kind="primary" onClick={() => setRegistering(true)}>
                Register a target…
              </Button>
            ),
          }
        : {})}
    >
      {error !== null && <ErrorBox error={error} onRetry={retry} />}
      {all === undefined ? (
        error === null && <Skeleton height="24rem" />
      ) : all.length === 0 ? (
        <Empty title="No targets yet">
          <p>A target is one Postgres database under a name. This key may see none.</p>
        </Empty>
      ) : (
        <>
          <StateChips counts={counts} />
          <FleetControls all={all} bundle={bundle} bundles={bundles} />
          <DataTable
            label="Targets"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ target }) => target}
            hrefOf={({ target }) => `/targets/${encodeURIComponent(target)}`}
            empty={<NothingFits count={all.length} />}
          />
        </>
      )}
      {isRegistering && (
        <TargetDialog
          target={null}
          onClose={() => setRegistering(false)}
          onSaved={(name) => navigate(`/targets/${encodeURIComponent(name)}`)}
        />
      )}
    </View>
  );
}

const BY_NATURE = new Intl.Collator('en', { numeric: true });

function NothingFits({ count }: { readonly count: number }): JSX.Element {
  const address = useAddress();
  return (
    <Empty title="No target fits">
      <p>The filters leave none of {counted(count, 'target')}.</p>
      <Button onClick={() => address.set({ label: null, state: null, ordinal: null, name: null })}>
        Show all targets
      </Button>
    </Empty>
  );
}
