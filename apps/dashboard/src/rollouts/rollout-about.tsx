import type { JSX, ReactNode } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { durationText } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { brief, type RolloutDetail, selectorText } from './rollout.ts';

/** What was asked for, in one line below the title. */
export function AboutLine({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { mode, bundle, createdBy, createdAt } = rollout;
  return (
    <p className="muted about-line">
      {mode} of bundle <BundleLink digest={bundle} /> · made by {createdBy} <Time at={createdAt} />
    </p>
  );
}

/** All that was asked for, and which bundles it has brought. */
export function RolloutAbout({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { id, mode, request, maxParallel, maxParallelPerServer, failureBudget, notBefore, window, bundles } = rollout;
  return (
    <div className="panel">
      <dl className="facts body">
        <Fact title="Id">
          <code>{id}</code>
        </Fact>
        <Fact title="Mode">
          {mode}
          {rollout.dryRun && ', as a dry run: nothing is changed'}
        </Fact>
        <Fact title="Targets">
          {request.selector === null ? 'named one by one' : `those with ${selectorText(request.selector)}`}
        </Fact>
        <Fact title="At a time">
          {maxParallel} in all, {maxParallelPerServer} of one server
        </Fact>
        <Fact title="Between waves">{betweenText(rollout)}</Fact>
        <Fact title="Failure budget">
          {failureBudget === 0 ? 'none may fail' : `${failureBudget} may fail`}, counted anew with each resume
        </Fact>
        {notBefore !== null && (
          <Fact title="Not before">
            <Time at={notBefore} />
          </Fact>
        )}
        {window !== null && (
          <Fact title="Window">
            {window.days.join(', ')}, {window.from} to {window.to} ({window.timeZone})
          </Fact>
        )}
        <Fact title="Priority">{rollout.priority}</Fact>
        <Fact title="Bundles">
          <ul>
            {bundles.map(({ digest, since, by }) => (
              <li key={`${digest} ${since}`}>
                <BundleLink digest={digest} /> since <Time at={since} />, by {by}
              </li>
            ))}
          </ul>
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A bundle by the beginning of its digest. */
export function BundleLink({ digest }: { readonly digest: string }): JSX.Element {
  return (
    <ViewLink view="/bundles/:digest" to={`/bundles/${digest}`}>
      <code>{brief(digest)}</code>
    </ViewLink>
  );
}

function betweenText({ between }: RolloutDetail): string {
  if (between.kind === 'auto') return 'the next begins when one has ended';
  if (between.kind === 'manual') return 'a person promotes';
  return `${durationText(between.seconds * 1000)} after one has ended, or when a person promotes`;
}
