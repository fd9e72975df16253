import type { JSX, ReactNode } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { Badge } from '../ui/badge.tsx';
import { Duration, Time } from '../ui/time.tsx';
import type { Deployment } from './deployment.ts';

/** What was asked for, by whom, and what it belongs to. */
export function DeploymentFacts({ deployment }: { readonly deployment: Deployment }): JSX.Element {
  const { target, mode, bundle, createdAt, createdBy, startedAt, finishedAt, rollout, retryOf, resolution } =
    deployment;
  return (
    <dl className="deployment-facts">
      <Fact name="Target">
        <ViewLink view="/targets/:name" to={`/targets/${encodeURIComponent(target)}`}>
          {target}
        </ViewLink>
      </Fact>
      <Fact name="Mode">
        {mode} {deployment.dryRun && <Badge>dry run</Badge>}
        {deployment.onError === 'continue' && <Badge>goes on after errors</Badge>}
      </Fact>
      <Fact name="Bundle">
        <ViewLink view="/bundles/:digest" to={`/bundles/${bundle}`}>
          <code title={bundle}>{bundle.slice(0, 12)}</code>
        </ViewLink>
      </Fact>
      <Fact name="Asked for">
        <Time at={createdAt} /> by {createdBy}
      </Fact>
      {startedAt !== null && (
        <Fact name={finishedAt === null ? 'Begun' : 'Took'}>
          {finishedAt === null ? <Time at={startedAt} /> : <Duration from={startedAt} to={finishedAt} />}
        </Fact>
      )}
      {deployment.priority !== 0 && <Fact name="Priority">{deployment.priority}</Fact>}
      {deployment.notBefore !== null && (
        <Fact name="Not before">
          <Time at={deployment.notBefore} />
        </Fact>
      )}
      {rollout !== null && (
        <Fact name="Rollout">
          <ViewLink view="/rollouts/:id" to={`/rollouts/${rollout}`}>
            <code title={rollout}>{rollout.slice(0, 8)}</code>
          </ViewLink>
        </Fact>
      )}
      {retryOf !== null && (
        <Fact name={resolution === null ? 'Retry of' : 'Settles'}>
          <ViewLink view="/deployments/:id" to={`/deployments/${retryOf}`}>
            <code title={retryOf}>{retryOf.slice(0, 8)}</code>
          </ViewLink>
          {resolution !== null && (
            <>
              {' '}
              <code>{resolution.file}</code> is {resolution.outcome.replace('-', ' ')}
            </>
          )}
        </Fact>
      )}
      {deployment.cancelRequestedAt !== null && (
        <Fact name="Cancelled">
          <Time at={deployment.cancelRequestedAt} /> by {deployment.cancelRequestedBy}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="prose">{children}</dd>
    </div>
  );
}
