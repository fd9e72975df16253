import { type JSX, useCallback, useMemo } from 'react';
import { useAddress } from '../routing/address.ts';
import { useHasView } from '../routing/known-views.tsx';
import { useMay, useMe } from '../session/session.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { counted } from '../ui/time-text.ts';
import { View } from '../ui/view.tsx';
import { FileMatrixView } from './file-matrix-view.tsx';
import { FleetControls, StateChips } from './fleet-controls.tsx';
import type { FleetTarget } from './fleet.ts';
import { groupTargets } from './group-targets.ts';
import { NextSteps } from './next-steps.tsx';
import { TargetGrid } from './target-grid.tsx';
import { TargetPanel } from './target-panel.tsx';
import { useFleet } from './use-fleet.ts';
import './fleet.css';

const TABS = [
  { id: 'targets', title: 'Targets' },
  { id: 'files', title: 'Files' },
];

/** Whoever has more has begun long ago. */
const MOST_TO_BEGIN_WITH = 3;

/** Where every target stands. */
export function FleetView(): JSX.Element {
  const may = useMay();
  const address = useAddress();
  const canStart = useHasView('/start') && may('createRollout');
  const { all, shown, counts, bundle, bundles, error, retry } = useFleet();
  return (
    <View
      title="Fleet"
      beside={all !== undefined && <span className="muted">{counted(all.length, 'target')}</span>}
      {...(canStart
        ? {
            actions: (
              <ButtonLink kind="primary" to={startOf(address.all('label'), bundle)}>
                Deploy…
              </ButtonLink>
            ),
          }
        : {})}
    >
      {error !== null && <ErrorBox error={error} onRetry={retry} />}
      {all === undefined ? (
        error === null && <Skeleton height="24rem" />
      ) : all.length === 0 ? (
        <NoTargets />
      ) : (
        <>
          <StateChips counts={counts} />
          <FleetControls all={all} bundle={bundle} bundles={bundles} canGroup />
          <Shown all={all} shown={shown} bundle={bundle} />
          {all.length <= MOST_TO_BEGIN_WITH && <NextSteps />}
        </>
      )}
    </View>
  );
}

/** The form, with the targets that are looked at. */
function startOf(labels: readonly string[], bundle: string | null): string {
  const settings = new URLSearchParams({ scope: 'labels', ...(bundle === null ? {} : { bundle }) });
  for (const label of labels) settings.append('label', label);
  return `/start?${settings}`;
}

function Shown({
  all,
  shown,
  bundle,
}: {
  readonly all: readonly FleetTarget[];
  readonly shown: readonly FleetTarget[];
  readonly bundle: string | null;
}): JSX.Element {
  const address = useAddress();
  const label = address.get('group');
  const selected = address.get('target');
  const groups = useMemo(() => groupTargets(shown, label), [shown, label]);
  const select = useCallback((target: string) => address.set({ target }, { replace: true }), [address]);
  const close = useCallback(() => address.set({ target: null }, { replace: true }), [address]);
  const target = selected === '' ? undefined : all.find(({ target: name }) => name === selected);
  const view = address.get('view') || 'targets';
  const ordered = useMemo(() => groups.flatMap(({ targets }) => targets), [groups]);
  return (
    <div className="fleet" data-has-panel={target !== undefined}>
      <Tabs label="How the fleet is shown" tabs={TABS} chosen={view} onChoose={(id) => address.set({ view: id })}>
        {shown.length === 0 ? (
          <Empty title="No target fits">
            <p>The filters leave none of {counted(all.length, 'target')}.</p>
            <Button onClick={() => address.set({ label: null, state: null, ordinal: null, name: null })}>
              Show all targets
            </Button>
          </Empty>
        ) : view === 'files' ? (
          <FileMatrixView bundle={bundle} targets={ordered} selected={selected} onSelect={select} />
        ) : (
          <>
            <OddNote groups={groups} isGrouped={label !== ''} />
            <TargetGrid groups={groups} selected={selected} onSelect={select} />
          </>
        )}
      </Tabs>
      {target !== undefined && (
        <TargetPanel
          key={target.target}
          target={target}
          bundle={bundle}
          alike={all.filter(({ fingerprint }) => fingerprint === target.fingerprint).length}
          onClose={close}
        />
      )}
    </div>
  );
}

function OddNote({
  groups,
  isGrouped,
}: {
  readonly groups: ReturnType<typeof groupTargets>;
  readonly isGrouped: boolean;
}): JSX.Element | null {
  const odd = groups.reduce((sum, group) => sum + group.odd.size, 0);
  if (odd === 0) return null;
  return (
    <p className="muted small fleet-legend">
      <span className="odd-corner" aria-hidden="true" />
      {counted(odd, 'target has', 'targets have')} other files applied than most of{' '}
      {isGrouped ? 'their group' : 'those shown'}.
    </p>
  );
}

function NoTargets(): JSX.Element {
  const may = useMay();
  const isLimited = Object.keys(useMe().labels).length > 0;
  const canRegister = useHasView('/targets') && may('putTarget');
  return (
    <Empty title="No targets yet">
      <p>
        A target is one Postgres database under a name.{' '}
        {isLimited ? 'None has the labels that this key is limited to.' : 'None is registered here.'}
      </p>
      {canRegister ? (
        <ButtonLink kind="primary" to="/targets">
          Register one
        </ButtonLink>
      ) : !may('putTarget') ? (
        <p>An admin registers them.</p>
      ) : (
        <p>
          Register one: <code>PUT /v1/targets/NAME</code>, described at <a href="/docs#putTarget">/docs</a>.
        </p>
      )}
    </Empty>
  );
}
