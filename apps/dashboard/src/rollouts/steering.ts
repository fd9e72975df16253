import { amissOf, type Rollout } from './rollout.ts';

/** What a person may have a rollout do. */
export type Action = 'pause' | 'resume' | 'promote' | 'retry' | 'cancel';

type Standing = Pick<Rollout, 'status' | 'counts'> & { readonly waitingFor: { readonly kind: string } | null };

/** At rest, so that no target is in doubt about which of two bundles it got. */
const AT_REST = ['paused', 'stopped', 'failed'];
const HELD = ['paused', 'stopped', 'pausing', 'stopping'];

/** What can be done with a rollout as it stands, what is wanted first of all first. */
export function actionsFor(rollout: Standing): readonly Action[] {
  const { status, counts, waitingFor } = rollout;
  const actions: Action[] = [];
  // While it runs a time is that between two waves; before it begins it is `scheduled`.
  if (status === 'running' && ['promotion', 'time'].includes(waitingFor?.kind ?? '')) actions.push('promote');
  if (HELD.includes(status)) actions.push('resume');
  if (amissOf(counts) > 0 && ['running', 'awaiting_approval', 'failed', ...HELD].includes(status))
    actions.push('retry');
  if (['running', 'awaiting_approval', 'scheduled'].includes(status)) actions.push('pause');
  if (['scheduled', 'awaiting_approval', 'running', ...HELD].includes(status)) actions.push('cancel');
  return actions;
}

/** Whether it may go on with another bundle now. */
export function mayChangeBundle({ status }: Pick<Rollout, 'status'>): boolean {
  return AT_REST.includes(status);
}

/** Whether targets in such a state may be left out of a rollout that stands so. */
export function maySkip(status: string, state: string): boolean {
  return (
    !['cancelled', 'cancelling', 'succeeded'].includes(status) &&
    ['pending', 'failed', 'needs_attention', 'cancelled'].includes(state)
  );
}
