import { type JSX, useState } from 'react';
import { useParams } from 'wouter';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status, StatusMark } from '../ui/status-mark.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { View } from '../ui/view.tsx';
import { Approval } from './approval.tsx';
import { Attention } from './attention.tsx';
import { DeploymentActions } from './deployment-actions.tsx';
import { DeploymentFacts } from './deployment-facts.tsx';
import { type Deployment, isFinal } from './deployment.ts';
import { EventLog } from './event-log.tsx';
import { FailurePanel } from './failure-panel.tsx';
import { Timeline } from './timeline.tsx';
import { useEvents } from './use-events.ts';
import { WaitingForText } from './waiting-for.tsx';
import './deployment.css';

const TABS = [
  { id: 'timeline', title: 'Timeline' },
  { id: 'log', title: 'Log' },
];

/** One deployment: what it waits for, what it does, and what became of it. */
export function DeploymentView(): JSX.Element {
  const { id } = useParams<{ id: string }>();
  return <OfId key={id} id={id} />;
}

function OfId({ id }: { readonly id: string }): JSX.Element {
  const [isOver, setOver] = useState(false);
  // What has ended changes no more: with 10,000 steps it is not asked again each time that anything happens anywhere.
  const { data, error, refetch } = useAsk('getDeployment', { params: { id } }, { enabled: !isOver });
  const deployment = data?.id === id ? data : undefined;
  if (deployment !== undefined && !isOver && isFinal(deployment.status)) setOver(true);
  if (deployment === undefined) {
    return (
      <View title="Deployment">
        {error === null ? <Skeleton height="24rem" /> : <ErrorBox error={error} onRetry={() => void refetch()} />}
      </View>
    );
  }
  return (
    <View
      title={`${deployment.mode === 'create' ? 'Create' : 'Deployment'} on ${deployment.target}`}
      beside={
        <span role="status">
          <Status status={deployment.status} />
        </span>
      }
      actions={<DeploymentActions deployment={deployment} />}
    >
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      <Loaded deployment={deployment} />
    </View>
  );
}

function Loaded({ deployment }: { readonly deployment: Deployment }): JSX.Element {
  const address = useAddress();
  const past = useEvents(deployment.id);
  const { waitingFor, failure } = deployment;
  const tab = address.get('tab') || 'timeline';
  return (
    <>
      <DeploymentFacts deployment={deployment} />
      {waitingFor !== null && (
        <p className="standing" data-tone="wait">
          <StatusMark status="waiting" />
          <span>
            <WaitingForText waiting={waitingFor} />.
          </span>
        </p>
      )}
      {deployment.status === 'cancelling' && (
        <p className="standing" data-tone="wait">
          <StatusMark status="cancelling" />
          It is being cancelled: the end is there once its backend has left the target.
        </p>
      )}
      {deployment.status === 'awaiting_approval' && <Approval deployment={deployment} />}
      {failure !== null && deployment.status !== 'queued' && (
        <FailurePanel deployment={deployment} failure={failure}>
          {deployment.status === 'needs_attention' && failure.evidence !== undefined && (
            <Attention deployment={deployment} evidence={failure.evidence} />
          )}
        </FailurePanel>
      )}
      <Tabs label="What is shown" tabs={TABS} chosen={tab} onChoose={(chosen) => address.set({ tab: chosen })}>
        {tab === 'log' ? (
          <EventLog past={past} isOver={isFinal(deployment.status)} />
        ) : (
          <>
            {past.error !== null && <ErrorBox error={past.error} onRetry={past.retry} />}
            <Timeline deployment={deployment} events={past.events} />
          </>
        )}
      </Tabs>
    </>
  );
}
