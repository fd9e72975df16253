import type { JSX, ReactNode } from 'react';
import { useParams } from 'wouter';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { Badge } from '../ui/badge.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { type Tab, Tabs } from '../ui/tabs.tsx';
import { counted } from '../ui/time-text.ts';
import { View } from '../ui/view.tsx';
import { DryRunPlan } from './dry-run-plan.tsx';
import { Failures } from './failures.tsx';
import { ProgressPlot } from './progress-plot.tsx';
import { AboutLine, RolloutAbout } from './rollout-about.tsx';
import { RolloutActions } from './rollout-actions.tsx';
import { RolloutEventLog } from './rollout-events.tsx';
import { RolloutTargets } from './rollout-targets.tsx';
import { brief, type RolloutDetail } from './rollout.ts';
import { Notice, Summary } from './summary.tsx';
import { useRolloutEvents } from './use-rollout-events.ts';
import { WaitingGroups } from './waiting-groups.tsx';
import { WaveApproval } from './wave-approval.tsx';
import { Waves } from './waves.tsx';
import './rollouts.css';

/** One rollout: how far it is, what failed, what it waits for, and what can be done. */
export function RolloutView(): JSX.Element {
  const { id = '' } = useParams();
  const { data, error, refetch } = useAsk('getRollout', { params: { id } });
  // What is kept from the rollout before while this one is asked for is not shown as this one.
  const rollout = data?.id === id ? data : undefined;
  return (
    <View
      title={`Rollout ${brief(id)}`}
      beside={
        rollout !== undefined && (
          <>
            <Status status={rollout.status} />
            {rollout.dryRun && <Badge>dry run</Badge>}
          </>
        )
      }
      {...(rollout === undefined ? {} : { actions: <RolloutActions key={id} rollout={rollout} /> })}
    >
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {rollout === undefined ? error === null && <Skeleton height="30rem" /> : <Shown key={id} rollout={rollout} />}
    </View>
  );
}

function Shown({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { failed, waiting } = rollout;
  const waits = waiting.length > 0 && (
    <Panel title="What targets wait for">
      <WaitingGroups waiting={waiting} />
    </Panel>
  );
  return (
    <>
      <AboutLine rollout={rollout} />
      <Notice rollout={rollout} />
      {rollout.waitingFor?.kind === 'wave_approval' && rollout.waitingFor.wave !== null && (
        <Panel title={`What is to be approved for wave ${rollout.waitingFor.wave}`}>
          <WaveApproval rollout={rollout} />
        </Panel>
      )}
      <Summary rollout={rollout} />
      <div className="rollout-panels">
        <div>
          <Panel title="Waves">
            <Waves rollout={rollout} />
          </Panel>
          {failed.length > 0 ? (
            <Panel title="What failed">
              <Failures failed={failed} />
            </Panel>
          ) : (
            waits
          )}
        </div>
        <div>
          <Panel title="Over time">
            <ProgressPlot rollout={rollout} />
          </Panel>
          {failed.length > 0 && waits}
        </div>
      </div>
      <Details rollout={rollout} />
    </>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <div className="body">{children}</div>
    </section>
  );
}

function Details({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const address = useAddress();
  const log = useRolloutEvents(rollout);
  const { plan } = rollout;
  const tabs: Tab[] = [
    ...(plan === null ? [] : [{ id: 'plan', title: 'Plan' }]),
    { id: 'targets', title: counted(rollout.targets, 'target') },
    { id: 'events', title: counted(rollout.lastEvent, 'event') },
    { id: 'about', title: 'About' },
  ];
  const view = tabs.find(({ id }) => id === address.get('view'))?.id ?? tabs[0]?.id ?? '';
  return (
    <Tabs
      label="More about the rollout"
      tabs={tabs}
      chosen={view}
      onChoose={(id) => address.set({ view: id }, { replace: true })}
    >
      {view === 'plan' && plan !== null && <DryRunPlan plan={plan} />}
      {view === 'targets' && <RolloutTargets rollout={rollout} />}
      {view === 'events' && <RolloutEventLog {...log} />}
      {view === 'about' && <RolloutAbout rollout={rollout} />}
    </Tabs>
  );
}
