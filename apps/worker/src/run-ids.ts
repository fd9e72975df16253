import type { EarlierRun } from '@postgres-manager/control-plane';

/**
 * The name of a run in the target's pg_stat_activity: the beginning of the deployment's id, and which of its runs it
 * is. At most 24 characters.
 */
export function runIdOf(deploymentId: string, epoch: number): string {
  return `${shortId(deploymentId)}/${epoch}`;
}

function shortId(deploymentId: string): string {
  return deploymentId.replaceAll('-', '').slice(0, 12);
}

/**
 * Makes the judgement whether a run that holds the target's lock was given up on, and may be ended there.
 *
 * Of this deployment any run before the present one was. Of another deployment of the target only one that the control
 * database knew to be over when this run began: a run that began later has a higher epoch, or is not in the list, and
 * is left alone; it may be the rightful one, and this worker the one that was given up on.
 */
export function abandonedRuns(
  own: { readonly deploymentId: string; readonly epoch: number },
  earlier: readonly EarlierRun[],
): (runId: string) => boolean {
  const epochs = new Map(earlier.map((run) => [shortId(run.deploymentId), run]));
  const ownId = shortId(own.deploymentId);
  return (runId) => {
    const [id, text] = runId.split('/', 2);
    if (id === undefined || text === undefined || !/^\d{1,9}$/.test(text)) return false;
    const epoch = Number(text);
    if (id === ownId) return epoch < own.epoch;
    const known = epochs.get(id);
    if (known === undefined) return false;
    return epoch < known.epoch || (epoch === known.epoch && !known.isHeld);
  };
}
