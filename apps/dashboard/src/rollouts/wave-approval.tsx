import { type JSX, useState } from 'react';
import { useAsk } from '../api/hooks.ts';
import { useMay } from '../session/session.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { ApproveDialog, RejectDialog } from './approval-dialogs.tsx';
import { BundleLink } from './rollout-about.tsx';
import { brief, type RolloutDetail, type WavePlan } from './rollout.ts';

type Group = WavePlan['plans'][number];

const MOST_NAMED = 20;
const MOST_FILES = 20;

/** What is to be approved, for everybody to see; approving and rejecting for those who may. */
export function WaveApproval({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { data, error, refetch } = useAsk('getRolloutApproval', { params: { id: rollout.id } });
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (data === undefined || data.rollout !== rollout.id) return <Skeleton height="6rem" />;
  return (
    <div className="stack">
      <p>
        {data.mode} of bundle <BundleLink digest={data.bundle} /> on {counted(data.targets, 'protected target')}, asked
        for by {data.askedBy}. None of the wave is started before it is approved, and workers run what is shown here and
        nothing else.
      </p>
      <ul className="stack" aria-label="Plans">
        {data.plans.map((group) => (
          <li key={group.targets[0]}>
            <PlanGroup group={group} />
          </li>
        ))}
      </ul>
      <Answers rollout={rollout} plan={data} />
    </div>
  );
}

function PlanGroup({ group: { targets, basis, oldestSeenAt, steps, stop } }: { readonly group: Group }): JSX.Element {
  return (
    <>
      <div className="row">
        <Badge>{counted(targets.length, 'target')}</Badge>
        <strong>{steps.length === 0 ? 'nothing to run' : counted(steps.length, 'file')}</strong>
        <span className="muted small">
          {basis === 'never_seen' ? (
            'nobody has been there yet: these are all that may be run'
          ) : (
            <>
              by {basis === 'ledger' ? 'what is applied there' : 'what a worker found there'}
              {oldestSeenAt !== null && (
                <>
                  , seen <Time at={oldestSeenAt} />
                </>
              )}
            </>
          )}
        </span>
      </div>
      {stop !== null && <p>{stop.message}</p>}
      <ol className="small">
        {steps.slice(0, MOST_FILES).map(({ path, sha256 }) => (
          <li key={path}>
            <code>{path}</code> <code className="muted">{brief(sha256)}</code>
          </li>
        ))}
        {steps.length > MOST_FILES && <li className="muted">and {counted(steps.length - MOST_FILES, 'more file')}</li>}
      </ol>
      <p className="muted small">
        {targets.slice(0, MOST_NAMED).join(', ')}
        {targets.length > MOST_NAMED && ` and ${counted(targets.length - MOST_NAMED, 'other')}`}
      </p>
    </>
  );
}

function Answers({ rollout, plan }: { readonly rollout: RolloutDetail; readonly plan: WavePlan }): JSX.Element | null {
  const may = useMay();
  // What is answered is what was shown when it was asked, whatever is shown behind it meanwhile.
  const [asking, setAsking] = useState<{ readonly what: 'approve' | 'reject'; readonly plan: WavePlan } | null>(null);
  const close = (): void => setAsking(null);
  if (!may('approveRollout')) return null;
  return (
    <div className="row">
      {plan.plan !== null && (
        <Button kind="primary" onClick={() => setAsking({ what: 'approve', plan })}>
          Approve…
        </Button>
      )}
      <Button kind="danger" onClick={() => setAsking({ what: 'reject', plan })}>
        Reject…
      </Button>
      {asking?.what === 'approve' && <ApproveDialog plan={asking.plan} onClose={close} />}
      {asking?.what === 'reject' && <RejectDialog rollout={rollout} plan={asking.plan} onClose={close} />}
    </div>
  );
}
