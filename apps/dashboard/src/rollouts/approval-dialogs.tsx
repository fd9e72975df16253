import { type JSX, useState } from 'react';
import { useAct } from '../api/hooks.ts';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { ReasonField } from '../ui/reason-field.tsx';
import { counted } from '../ui/time-text.ts';
import { useToast } from '../ui/toast.tsx';
import { brief, type RolloutDetail, type WavePlan } from './rollout.ts';

/** Asks before the wave that waits is let go as it was shown. */
export function ApproveDialog({
  plan,
  onClose,
}: {
  readonly plan: WavePlan;
  readonly onClose: () => void;
}): JSX.Element {
  const toast = useToast();
  const approve = useAct('approveRollout');
  const files = new Set(plan.plans.flatMap(({ steps }) => steps.map(({ path }) => path))).size;
  return (
    <ConfirmDialog
      title={`Approve wave ${plan.wave ?? ''}?`}
      confirmLabel={`Approve ${counted(plan.targets, 'target')}`}
      onClose={onClose}
      onConfirm={async () => {
        const wave = plan.wave === null ? {} : { wave: plan.wave };
        await approve.mutateAsync({ params: { id: plan.rollout }, body: { plan: plan.plan ?? '', ...wave } });
        toast(`Wave ${plan.wave ?? ''} is approved.`);
      }}
    >
      <p>
        {plan.mode} of bundle <code>{brief(plan.bundle)}</code> on {counted(plan.targets, 'protected target')},{' '}
        {counted(files, 'file')} in all, as shown (plan <code>{brief(plan.plan ?? '')}</code>). The wave begins as soon
        as nothing else holds it.
      </p>
      <p>
        Where a worker finds that something else would be run, that target waits for an approval of its own. Later waves
        are not approved by this.
      </p>
    </ConfirmDialog>
  );
}

/** Asks for the reason before the rollout is ended by a no. */
export function RejectDialog({
  rollout,
  plan,
  onClose,
}: {
  readonly rollout: RolloutDetail;
  readonly plan: WavePlan;
  readonly onClose: () => void;
}): JSX.Element {
  const toast = useToast();
  const reject = useAct('rejectRollout');
  const [reason, setReason] = useState('');
  const { pending, started } = rollout.counts;
  return (
    <ConfirmDialog
      title={`Reject wave ${plan.wave ?? ''}, and end this rollout?`}
      confirmLabel="Reject it"
      kind="danger"
      onClose={onClose}
      onConfirm={async () => {
        await reject.mutateAsync({ params: { id: rollout.id }, body: { reason: reason.trim() } });
        toast('Rejected: the rollout is cancelled.');
      }}
    >
      <p>
        The rollout is cancelled: {counted(pending, 'target that waits', 'targets that wait')} never start
        {started > 0 && `, ${counted(started, 'that runs is', 'that run are')} ended`}. What was applied before stays
        applied. It cannot be resumed.
      </p>
      <ReasonField reason={reason} onChange={setReason} hint="Shown with the rollout, and kept in the audit log." />
    </ConfirmDialog>
  );
}
