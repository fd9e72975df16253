import type { JSX } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { statusLook } from '../ui/status.ts';
import { Duration, Time } from '../ui/time.tsx';
import type { WaitingFor } from './deployment.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** What a deployment that does not move waits for, in plain words, with the way to it. */
export function WaitingForText({ waiting }: { readonly waiting: WaitingFor }): JSX.Element {
  return (
    <span className="prose">
      <Words waiting={waiting} />
    </span>
  );
}

function Words({ waiting }: { readonly waiting: WaitingFor }): JSX.Element {
  switch (waiting.kind) {
    case 'time':
      return (
        <>
          Waits for its time, <Time at={waiting.until} />: {waiting.reason}
        </>
      );
    case 'predecessor':
      return (
        <>
          Waits for{' '}
          <ViewLink view="/deployments/:id" to={`/deployments/${waiting.deploymentId}`}>
            the one before it
          </ViewLink>{' '}
          on this target, which is {statusLook(waiting.status).label}
        </>
      );
    case 'lock':
      return (
        <>
          Has waited <Duration from={waiting.since} to={null} /> for the target’s lock, which is held by{' '}
          <LockHolder holder={waiting.holder} />
        </>
      );
    case 'worker':
      return (
        <>
          Waits for a{' '}
          <ViewLink view="/queue" to="/queue?tab=workers">
            worker
          </ViewLink>{' '}
          that has room
        </>
      );
    case 'freeze':
      return (
        <>
          Waits for the end of a{' '}
          <ViewLink view="/freezes" to="/freezes">
            freeze
          </ViewLink>{' '}
          by {waiting.by}, <Time at={waiting.since} />: {waiting.reason}
        </>
      );
    case 'approval':
      return (
        <>
          Waits for an approval, since <Time at={waiting.since} />: {waiting.reason}
          {waiting.by !== null && ` (protected by ${waiting.by})`}
          {waiting.voided !== null && `. An earlier approval holds no more: ${waiting.voided}`}
        </>
      );
    default:
      return <OtherReason waiting={waiting} />;
  }
}

/** Who holds a target's lock; a run of this service leads to its deployment. */
export function LockHolder({ holder }: { readonly holder: string }): JSX.Element {
  const id = UUID.exec(holder)?.[0];
  if (id === undefined) return <>{holder}</>;
  const [before = '', after = ''] = holder.split(id);
  return (
    <>
      {before}
      <ViewLink view="/deployments/:id" to={`/deployments/${id}`}>
        {id}
      </ViewLink>
      {after}
    </>
  );
}

/** A kind that the documents of the API do not have yet: what it says of itself. */
function OtherReason({ waiting }: { readonly waiting: { readonly kind: string } }): JSX.Element {
  const { kind, reason } = waiting as { kind: string; reason?: unknown };
  return (
    <>
      Waits for {kind.replaceAll('_', ' ')}
      {typeof reason === 'string' && `: ${reason}`}
    </>
  );
}
