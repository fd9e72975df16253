import { type JSX, useState } from 'react';
import { useAct } from '../api/hooks.ts';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { ReasonField } from '../ui/reason-field.tsx';
import { counted } from '../ui/time-text.ts';
import { useToast } from '../ui/toast.tsx';
import { brief, type RolloutDetail } from './rollout.ts';

interface Asking {
  readonly rollout: RolloutDetail;
  readonly onClose: () => void;
}

const HINT = 'Not required. Shown with the rollout, and kept in the audit log.';

function bodyOf(reason: string): { reason?: string } {
  return reason.trim() === '' ? {} : { reason: reason.trim() };
}

export function PauseDialog({ rollout, onClose }: Asking): JSX.Element {
  const toast = useToast();
  const pause = useAct('pauseRollout');
  const [reason, setReason] = useState('');
  const { pending, started } = rollout.counts;
  return (
    <ConfirmDialog
      title="Pause this rollout?"
      confirmLabel="Pause it"
      onClose={onClose}
      onConfirm={async () => {
        const { status } = await pause.mutateAsync({ params: { id: rollout.id }, body: bodyOf(reason) });
        toast(status === 'paused' ? 'Paused. Nothing of it runs.' : 'Pausing: what runs is left to end.');
      }}
    >
      <p>No more targets are started: {counted(pending, 'target waits', 'targets wait')} until somebody resumes it.</p>
      <p>
        {started > 0 && `${counted(started, 'target that is', 'targets that are')} under way may end first. `}
        Nothing is ended or taken back.
      </p>
      <ReasonField reason={reason} onChange={setReason} hint={HINT} isRequired={false} />
    </ConfirmDialog>
  );
}

export function PromoteDialog({ rollout, onClose }: Asking): JSX.Element {
  const toast = useToast();
  const promote = useAct('promoteRollout');
  // What is confirmed is the wave that was read, whatever happens meanwhile.
  const [number] = useState(rollout.wave + 1);
  const wave = rollout.waves[number - 1];
  const later = rollout.waves.length - number;
  return (
    <ConfirmDialog
      title={`Promote wave ${number}?`}
      confirmLabel={`Begin wave ${number}`}
      onClose={onClose}
      onConfirm={async () => {
        await promote.mutateAsync({ params: { id: rollout.id }, body: { wave: number } });
        toast(`Wave ${number} begins.`);
      }}
    >
      <p>
        Wave {number} begins now: {rollout.mode} of bundle <code>{brief(rollout.bundle)}</code> on{' '}
        {counted(wave?.total ?? 0, 'target')}, at most {rollout.maxParallel.toLocaleString('en')} at a time.
      </p>
      <p>
        {later === 0
          ? 'It is the last wave.'
          : `${counted(later, 'wave')} after it: ${rollout.between.kind === 'manual' ? 'each waits to be promoted.' : 'each waits for its time.'}`}{' '}
        What stops a rollout (its failure budget, window, a freeze) holds for this wave too.
      </p>
    </ConfirmDialog>
  );
}

export function CancelDialog({ rollout, onClose }: Asking): JSX.Element {
  const toast = useToast();
  const cancel = useAct('cancelRollout');
  const [reason, setReason] = useState('');
  const { pending, started, succeeded } = rollout.counts;
  return (
    <ConfirmDialog
      title="Cancel this rollout?"
      confirmLabel="Cancel it for good"
      kind="danger"
      onClose={onClose}
      onConfirm={async () => {
        const { status } = await cancel.mutateAsync({ params: { id: rollout.id }, body: bodyOf(reason) });
        toast(
          status === 'cancelled' ? 'Cancelled. Nothing of it runs any more.' : 'Being cancelled: what runs is ended.',
        );
      }}
    >
      <ul className="stack bullets">
        <li>{counted(pending, 'target that waits', 'targets that wait')} never start.</li>
        <li>
          {counted(started, 'target', 'targets')} under way {started === 1 ? 'is' : 'are'} ended: the file that runs is
          rolled back, files applied before it stay applied.
        </li>
        <li>
          {counted(succeeded, 'target that has', 'targets that have')} succeeded {succeeded === 1 ? 'stays' : 'stay'} as{' '}
          {succeeded === 1 ? 'it is' : 'they are'}: nothing is taken back.
        </li>
      </ul>
      <p>It cannot be resumed. A new rollout over the same targets goes on where this one ended.</p>
      <ReasonField reason={reason} onChange={setReason} hint={HINT} isRequired={false} />
    </ConfirmDialog>
  );
}
