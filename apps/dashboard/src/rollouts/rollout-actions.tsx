import { type JSX, useState } from 'react';
import type { OperationId } from '../api/client.ts';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { CancelDialog, PauseDialog, PromoteDialog } from './steering-dialogs.tsx';
import { ResumeDialog } from './resume-dialog.tsx';
import { type Action, actionsFor } from './steering.ts';
import type { RolloutDetail } from './rollout.ts';

const CALLS: Readonly<Record<Action, OperationId>> = {
  pause: 'pauseRollout',
  resume: 'resumeRollout',
  promote: 'promoteRollout',
  retry: 'retryFailedRollout',
  cancel: 'cancelRollout',
};

function labelOf(action: Action, { wave }: RolloutDetail): string {
  switch (action) {
    case 'pause':
      return 'Pause…';
    case 'resume':
      return 'Resume…';
    case 'promote':
      return `Promote wave ${wave + 1}…`;
    case 'retry':
      return 'Retry failed…';
    case 'cancel':
      return 'Cancel…';
  }
}

/** What this key may have the rollout do as it stands. Each asks before. */
export function RolloutActions({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const may = useMay();
  const [asking, setAsking] = useState<Action | null>(null);
  const close = (): void => setAsking(null);
  const actions = actionsFor(rollout).filter((action) => may(CALLS[action]));
  return (
    <>
      {actions.map((action, index) => (
        <Button
          key={action}
          kind={action === 'cancel' ? 'danger' : index === 0 && action !== 'pause' ? 'primary' : 'plain'}
          onClick={() => setAsking(action)}
        >
          {labelOf(action, rollout)}
        </Button>
      ))}
      {asking === 'pause' && <PauseDialog rollout={rollout} onClose={close} />}
      {asking === 'promote' && <PromoteDialog rollout={rollout} onClose={close} />}
      {asking === 'cancel' && <CancelDialog rollout={rollout} onClose={close} />}
      {(asking === 'resume' || asking === 'retry') && (
        <ResumeDialog rollout={rollout} isRetry={asking === 'retry'} onClose={close} />
      )}
    </>
  );
}
