import { type JSX, useState } from 'react';
import { useLocation } from 'wouter';
import { useAct } from '../api/hooks.ts';
import { useHasView } from '../routing/known-views.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { counted } from '../ui/time-text.ts';
import { useToast } from '../ui/toast.tsx';
import { type Plan, sumOf } from './plan.ts';
import type { StartRequest } from './start-request.ts';
import { whatWillHappen } from './what-will-happen.ts';

/** Starts what a plan is of: says what will happen, and starts it once, however often it is pressed. */
export function StartButton({
  planId,
  request,
  plan,
}: {
  readonly planId: string;
  readonly request: StartRequest;
  readonly plan: Plan;
}): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const [acceptTrouble, setAccept] = useState(false);
  const start = useStart(planId, request, plan);
  const { needy, troubled, refusing } = sumOf(plan);
  if (needy === 0) {
    return (
      <p>{troubled > 0 ? 'Nothing can be started: mend what is named first.' : 'There is nothing to do anywhere.'}</p>
    );
  }
  const label =
    request.kind === 'deployment' ? `Deploy to ${request.body.target}` : `Start on ${counted(plan.targets, 'target')}`;
  const mayStart = refusing === 0 || acceptTrouble;
  return (
    <div className="stack">
      {refusing > 0 && (
        <label className="row">
          <input type="checkbox" checked={acceptTrouble} onChange={(event) => setAccept(event.target.checked)} />
          Start though {counted(refusing, 'target')} will refuse it; or choose labels that leave them out
        </label>
      )}
      <div className="row">
        <Button kind="primary" disabled={!mayStart} onClick={() => setAsking(true)}>
          Start…
        </Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title={`${label}?`}
          confirmLabel={label}
          onClose={() => setAsking(false)}
          onConfirm={() => start(acceptTrouble)}
        >
          <ul className="will-happen">
            {whatWillHappen(request, plan).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** Sends it under a key that is the plan's own: the same plan is started once, whatever is pressed or sent again. */
function useStart(planId: string, request: StartRequest, plan: Plan): (acceptTrouble: boolean) => Promise<void> {
  const key = { 'Idempotency-Key': `start-of-plan-${planId}` };
  const one = useAct('createDeployment', key);
  const many = useAct('createRollout', key);
  const toast = useToast();
  const [, navigate] = useLocation();
  const seesDeployment = useHasView('/deployments/:id');
  const seesRollout = useHasView('/rollouts/:id');
  return async (acceptTrouble) => {
    // Of the server's own folders what was planned with: they may have changed since.
    const { bundle } = plan;
    if (request.kind === 'deployment') {
      const { id, target } = await one.mutateAsync({ body: { ...request.body, bundle } });
      toast(`The deployment to ${target} is entered.`);
      navigate(seesDeployment ? `/deployments/${id}` : `/deployments?${new URLSearchParams({ target })}`);
    } else {
      const accepted = acceptTrouble ? { acceptTrouble } : {};
      const { id, targets } = await many.mutateAsync({ body: { ...request.body, bundle, ...accepted } });
      toast(`The rollout to ${counted(targets, 'target')} is entered.`);
      navigate(seesRollout ? `/rollouts/${id}` : `/deployments?rollout=${id}`);
    }
  };
}
