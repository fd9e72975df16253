import type { JSX } from 'react';
import { Link } from 'wouter';
import { useHasView } from '../routing/known-views.tsx';
import { Time } from '../ui/time.tsx';
import { waitingText, type WaitingFor } from './waiting-text.ts';

/** What is waited for, until when where that is known, and a way to it. */
export function Waiting({ waitingFor }: { readonly waitingFor: WaitingFor }): JSX.Element {
  const hasDeployments = useHasView('/deployments/:id');
  const { until, deploymentId } = waitingFor;
  return (
    <>
      {waitingText(waitingFor)}
      {until !== undefined && (
        <>
          {' '}
          <Time at={until} />
        </>
      )}
      {deploymentId !== undefined && hasDeployments && (
        <>
          {' '}
          <Link to={`/deployments/${deploymentId}`}>Open it</Link>
        </>
      )}
    </>
  );
}
