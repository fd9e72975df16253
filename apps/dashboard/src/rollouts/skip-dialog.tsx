import { type JSX, useState } from 'react';
import { useAct } from '../api/hooks.ts';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { ReasonField } from '../ui/reason-field.tsx';
import { useToast } from '../ui/toast.tsx';
import type { RolloutDetail, RolloutTarget } from './rollout.ts';

/** Asks for the reason before a target is left out. */
export function SkipDialog({
  rollout,
  target,
  onClose,
}: {
  readonly rollout: RolloutDetail;
  readonly target: RolloutTarget;
  readonly onClose: () => void;
}): JSX.Element {
  const toast = useToast();
  const skip = useAct('skipRollout');
  const [reason, setReason] = useState('');
  const name = target.target;
  return (
    <ConfirmDialog
      title={`Skip ${name}?`}
      confirmLabel={`Skip ${name}`}
      onClose={onClose}
      onConfirm={async () => {
        await skip.mutateAsync({ params: { id: rollout.id }, body: { targets: [name], reason: reason.trim() } });
        toast(`${name} is left out of this rollout.`);
      }}
    >
      <p>
        {target.state === 'pending'
          ? 'This rollout will not touch it: nothing is run there, and its wave goes on without it.'
          : 'This rollout will not try it again, and counts it as left out. What was applied there stays applied.'}
      </p>
      <p>It cannot be taken back into this rollout. Deployments and other rollouts reach it as before.</p>
      <ReasonField reason={reason} onChange={setReason} hint="Shown with the target, and kept in the audit log." />
    </ConfirmDialog>
  );
}
