import { type JSX, useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAct, useAsk } from '../api/hooks.ts';
import { ViewLink } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { ReasonField } from '../ui/reason-field.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { useToast } from '../ui/toast.tsx';
import type { Deployment } from './deployment.ts';

type Plan = Answer<'getDeploymentApproval'>;

/** What would be run if it were approved, and the way to say yes or no to just that. */
export function Approval({ deployment }: { readonly deployment: Deployment }): JSX.Element {
  const may = useMay();
  const { data: plan, error, refetch } = useAsk('getDeploymentApproval', { params: { id: deployment.id } });
  // The plan as it was when it was asked: a later one has not been seen.
  const [asked, setAsked] = useState<{ readonly what: 'approve' | 'reject'; readonly plan: Plan } | null>(null);
  const close = (): void => setAsked(null);
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (plan === undefined) return <Skeleton height="10rem" />;
  return (
    <section className="panel" aria-label="What would be run">
      <header>
        <StatusMark status="awaiting_approval" />
        <h2>{plan.stop === null ? `${counted(plan.steps.length, 'file')} would be run` : 'Nothing would be run'}</h2>
        <span className="row push">
          {may('rejectDeployment') && (
            <Button kind="danger" onClick={() => setAsked({ what: 'reject', plan })}>
              Reject…
            </Button>
          )}
          {may('approveDeployment') && (
            <Button kind="primary" onClick={() => setAsked({ what: 'approve', plan })}>
              Approve…
            </Button>
          )}
        </span>
      </header>
      <div className="body stack">
        {plan.stop !== null && <p>{plan.stop.message}</p>}
        <Files plan={plan} />
        <dl className="facts">
          <dt>Where</dt>
          <dd>{plan.address}</dd>
          <dt>Known</dt>
          <dd>
            <Basis plan={plan} />
          </dd>
        </dl>
      </div>
      {asked?.what === 'approve' && <ApproveDialog plan={asked.plan} onClose={close} />}
      {asked?.what === 'reject' && <RejectDialog plan={asked.plan} onClose={close} />}
    </section>
  );
}

/** All of them: nobody approves what they did not see. */
function Files({ plan: { steps, bundle } }: { readonly plan: Plan }): JSX.Element | null {
  if (steps.length === 0) return null;
  return (
    // Scrollable, so it can be focused.
    <div className="approval-files" role="region" aria-label="Files, in their order" tabIndex={0}>
      <ol>
        {steps.map(({ path }) => (
          <li key={path} className="cut" title={path}>
            <ViewLink view="/bundles/:digest" to={`/bundles/${bundle}?file=${encodeURIComponent(path)}`}>
              <code>{path}</code>
            </ViewLink>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Basis({ plan: { basis, seenAt } }: { readonly plan: Plan }): JSX.Element {
  if (basis === 'never_seen' || seenAt === null) {
    return <>Nobody has been there yet: these are all the files that may be run.</>;
  }
  return (
    <>
      {basis === 'worker'
        ? 'A worker made this plan there, and ran nothing'
        : 'By the target’s ledger as it was last seen'}
      , <Time at={seenAt} />.
    </>
  );
}

interface Asked {
  readonly plan: Plan;
  readonly onClose: () => void;
}

function ApproveDialog({ plan, onClose }: Asked): JSX.Element {
  const approve = useAct('approveDeployment');
  const toast = useToast();
  return (
    <ConfirmDialog
      title={`Let ${counted(plan.steps.length, 'file')} run on ${plan.target}?`}
      confirmLabel="Approve it"
      onClose={onClose}
      onConfirm={async () => {
        await approve.mutateAsync({ params: { id: plan.deployment }, body: { plan: plan.plan } });
        toast('Approved. It takes its place in the target’s line.');
      }}
    >
      <p>
        Asked for by <strong>{plan.askedBy}</strong>. It takes its place in the target’s line, and a worker runs the
        files that are shown, in their order.
      </p>
      <p>
        The approval is for just this plan: if it is another by the time it is to begin, nothing is run, and it waits
        for an approval again.
      </p>
    </ConfirmDialog>
  );
}

function RejectDialog({ plan, onClose }: Asked): JSX.Element {
  const reject = useAct('rejectDeployment');
  const toast = useToast();
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title={`Say no to the deployment of ${plan.target}?`}
      confirmLabel="Reject it"
      kind="danger"
      onClose={onClose}
      onConfirm={async () => {
        await reject.mutateAsync({ params: { id: plan.deployment }, body: { reason } });
        toast('Rejected. Nothing of it is run.', 'wait');
      }}
    >
      <p>It is cancelled, and nothing of it is run. {plan.askedBy} reads your reason in it.</p>
      <ReasonField reason={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}
