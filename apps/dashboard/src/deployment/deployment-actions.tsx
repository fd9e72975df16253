import { type JSX, useState } from 'react';
import { useLocation } from 'wouter';
import { useAct } from '../api/hooks.ts';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { counted } from '../ui/time-text.ts';
import { useToast } from '../ui/toast.tsx';
import { type Deployment, isFinal } from './deployment.ts';
import { outcomeOf } from './failure-panel.tsx';

/** What can be done with it now, by this key. */
export function DeploymentActions({ deployment }: { readonly deployment: Deployment }): JSX.Element | null {
  const may = useMay();
  const [asked, setAsked] = useState<'cancel' | 'retry' | null>(null);
  const { status } = deployment;
  const canCancel = may('cancelDeployment') && !isFinal(status) && deployment.cancelRequestedAt === null;
  const canRetry = may('retryDeployment') && isFinal(status) && status !== 'succeeded';
  const close = (): void => setAsked(null);
  return (
    <>
      {canCancel && (
        <Button kind="danger" onClick={() => setAsked('cancel')}>
          Cancel…
        </Button>
      )}
      {canRetry && <Button onClick={() => setAsked('retry')}>Retry…</Button>}
      {asked === 'cancel' && <CancelDialog deployment={deployment} onClose={close} />}
      {asked === 'retry' && <RetryDialog deployment={deployment} onClose={close} />}
    </>
  );
}

interface Asked {
  readonly deployment: Deployment;
  readonly onClose: () => void;
}

function CancelDialog({ deployment, onClose }: Asked): JSX.Element {
  const cancel = useAct('cancelDeployment');
  const toast = useToast();
  const { target, status, attempts } = deployment;
  const applied = outcomeOf(deployment).applied.length;
  const isUnderWay = status === 'running';
  const isPartOfFile = deployment.steps.some((step) => step.status === 'running' && !step.transactional);
  return (
    <ConfirmDialog
      title={`Cancel the deployment of ${target}?`}
      confirmLabel="Cancel the deployment"
      kind="danger"
      onClose={onClose}
      onConfirm={async () => {
        const { status: now } = await cancel.mutateAsync({ params: { id: deployment.id } });
        toast(
          now === 'cancelled'
            ? 'Cancelled. Nothing of it runs.'
            : 'It is being cancelled: over once its backend has left the target.',
          'wait',
        );
      }}
    >
      {isUnderWay ? (
        <>
          <p>
            The statement that runs is cancelled on the server,{' '}
            {isPartOfFile
              ? 'but what its file has done before stays: the file runs outside of a transaction, and may need a person to settle it.'
              : 'its file is rolled back, and no other is begun.'}{' '}
            It is <em>cancelling</em> until its backend has left the target.
          </p>
          <p>
            {applied === 0
              ? 'Nothing of it is applied as yet.'
              : `${counted(applied, 'file')} that it has applied stay${applied === 1 ? 's' : ''} applied.`}
          </p>
        </>
      ) : (
        <p>
          {attempts.length === 0
            ? 'It has not begun, and will not: nothing is changed on the target.'
            : applied === 0
              ? 'It is not begun again. Nothing of it is applied.'
              : `It is not begun again. ${counted(applied, 'file')} that it has applied stay${applied === 1 ? 's' : ''} applied.`}{' '}
          The next in the target’s line is no longer held up by it.
        </p>
      )}
    </ConfirmDialog>
  );
}

function RetryDialog({ deployment, onClose }: Asked): JSX.Element {
  const retry = useAct('retryDeployment');
  const toast = useToast();
  const [, navigate] = useLocation();
  const { target, mode, bundle, dryRun, resolution } = deployment;
  const { applied, left } = outcomeOf(deployment);
  return (
    <ConfirmDialog
      title={`Deploy to ${target} again?`}
      confirmLabel="Make it again"
      onClose={onClose}
      onConfirm={async () => {
        const made = await retry.mutateAsync({ params: { id: deployment.id } });
        toast('This is the new deployment.');
        navigate(`/deployments/${made.id}`);
      }}
    >
      <p>
        A new deployment of the <strong>same bundle</strong>, <code>{bundle.slice(0, 12)}</code>, in mode {mode}
        {dryRun && ', a dry run'}. It takes its place at the end of the target’s line.
      </p>
      <p>
        {applied.length > 0 &&
          `${counted(applied.length, 'file')} applied already ${applied.length === 1 ? 'is' : 'are'} not run again. `}
        {left[0] !== undefined && (
          <>
            It carries on with <code>{left[0]}</code>.{' '}
          </>
        )}
        {resolution !== null && 'The answer that this one carries is entered again. '}
        {deployment.status === 'failed' &&
          deployment.failure?.file != null &&
          'If a file has to be mended first, deploy the mended bundle instead: this one will fail there again.'}
      </p>
    </ConfirmDialog>
  );
}
