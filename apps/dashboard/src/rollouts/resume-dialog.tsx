import { type JSX, useState } from 'react';
import { useAct } from '../api/hooks.ts';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { counted } from '../ui/time-text.ts';
import { useToast } from '../ui/toast.tsx';
import { BundleChoice } from './bundle-choice.tsx';
import { amissOf, brief, type RolloutDetail } from './rollout.ts';
import { mayChangeBundle } from './steering.ts';

/** Asks how a rollout is to go on: with which bundle, and whether what failed comes again. */
export function ResumeDialog({
  rollout,
  isRetry,
  onClose,
}: {
  readonly rollout: RolloutDetail;
  /** What failed comes again in any case: that is what was asked for. */
  readonly isRetry: boolean;
  readonly onClose: () => void;
}): JSX.Element {
  const toast = useToast();
  const resume = useAct('resumeRollout');
  const retry = useAct('retryFailedRollout');
  const [bundle, setBundle] = useState(rollout.bundle);
  const [withFailed, setWithFailed] = useState(isRetry);
  const { id, counts } = rollout;
  const amiss = amissOf(counts);
  const isOther = bundle !== rollout.bundle;
  const goOn = async (): Promise<void> => {
    const other = isOther ? { bundle } : {};
    if (isRetry) await retry.mutateAsync({ params: { id }, body: other });
    else await resume.mutateAsync({ params: { id }, body: { ...other, retryFailed: withFailed } });
    toast('It goes on.');
  };
  const coming = counts.pending + (withFailed ? amiss : 0);
  return (
    <ConfirmDialog
      title={isRetry ? 'Try what failed again?' : 'Resume this rollout?'}
      confirmLabel={isRetry ? `Retry ${counted(amiss, 'target')}` : 'Resume it'}
      onClose={onClose}
      onConfirm={goOn}
    >
      {mayChangeBundle(rollout) && (
        <BundleChoice
          current={rollout.bundle}
          chosen={bundle}
          onChoose={(digest) => {
            setBundle(digest);
            // A mended bundle is for what failed; who wants otherwise may say so.
            if (!isRetry) setWithFailed(digest !== rollout.bundle && amiss > 0);
          }}
        />
      )}
      {!isRetry && amiss > 0 && (
        <label className="row">
          <input type="checkbox" checked={withFailed} onChange={(event) => setWithFailed(event.target.checked)} />
          Try again the {amiss === 1 ? 'target' : `${amiss.toLocaleString('en')} targets`} that failed
        </label>
      )}
      <ul className="stack bullets">
        <li>
          {counted(coming, 'target')} {coming === 1 ? 'gets' : 'get'} bundle <code>{brief(bundle)}</code>, in their
          waves; what is applied there already is not run again.
        </li>
        {counts.succeeded > 0 && (
          <li>
            {counted(counts.succeeded, 'target that has', 'targets that have')} succeeded{' '}
            {isOther && 'with the bundle so far '}
            {counts.succeeded === 1 ? 'is' : 'are'} left alone.
          </li>
        )}
        {!withFailed && amiss > 0 && <li>What failed stays failed, and the rollout will end as failed.</li>}
        <li>The failure budget ({rollout.failureBudget.toLocaleString('en')}) is counted anew.</li>
        {isOther && (
          <li>
            A bundle that changes a file which a target of this rollout has applied is refused, and nothing begins.
          </li>
        )}
      </ul>
    </ConfirmDialog>
  );
}
