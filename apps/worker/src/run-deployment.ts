import {
  type Claim,
  claimDeployment,
  findDeployment,
  finishDeployment,
  holdForApproval,
  isDatabaseUnavailable,
  NO_PROGRESS,
} from '@postgres-manager/control-plane';
import { deployClaim } from './deploy-claim.ts';
import { endDeployment, type Said } from './end-deployment.ts';
import { internalFailure, workersLost } from './failures.ts';
import type { Outcome } from './outcome.ts';
import { persist } from './persist.ts';
import { prepareRun, type Run } from './prepare-run.ts';
import type { Service } from './service.ts';
import { settleCancelled } from './settle-cancelled.ts';
import { settle } from './settle.ts';

/**
 * Takes a deployment in hand, runs it, and writes down what became of it. One that is not to be had is somebody
 * else's, or has to wait: then nothing happens.
 * @throws when the control database is away, or for a defect; the lease then runs out, and another worker goes on
 */
export async function runDeployment(service: Service, deploymentId: string): Promise<void> {
  const claimedAt = performance.now();
  const claim = await claimDeployment(service.control, deploymentId, service.workerId, service.timing.leaseMs);
  if (claim === null) {
    // One whose target was protected after it was asked for would be at the head of its line for ever.
    if (await holdForApproval(service.control, deploymentId)) await tellHeld(service, deploymentId);
    return;
  }
  service.bell.tell({ deploymentIds: [deploymentId], cancel: false });
  const lease = service.leases.add({ id: deploymentId, epoch: claim.epoch }, claimedAt);
  service.metrics.begin(claim);
  let said: Said | null = null;
  try {
    const run = await persist(
      () => prepareRun(service, claim, lease),
      () => lease.reason === null,
    ).catch((error: unknown) => giveUp(service, claim, error));
    if (run === null) {
      said = 'needs_attention';
      return;
    }
    const outcome = await carryOut(service, run);
    said = await endDeployment(service, run, outcome);
    logEnd(service, claim, outcome, said, performance.now() - claimedAt);
  } finally {
    service.leases.remove(lease);
    service.metrics.end(claim, said, performance.now() - claimedAt);
    service.ringer.left(deploymentId);
    if (claim.deployment.rollout !== null) {
      // What went wrong may stop the rollout: that does not wait.
      service.rollouts.move(claim.deployment.rollout, said === 'succeeded' ? waitedMs(claim.deployment) : 0);
    }
  }
}

/** How long it stood in the queue before it was first taken in hand. */
function waitedMs({ createdAt, startedAt }: Claim['deployment']): number {
  return startedAt === null ? 0 : Date.parse(startedAt) - Date.parse(createdAt);
}

/** It has left its line: the next one is rung for, and its rollout hears of it. */
async function tellHeld({ control, bell, ringer, rollouts }: Service, id: string): Promise<void> {
  bell.tell({ deploymentIds: [id], cancel: false });
  ringer.left(id);
  const rollout = (await findDeployment(control, id, {}))?.rollout ?? null;
  if (rollout !== null) rollouts.move(rollout);
}

/** A defect would meet the next worker too, for ever: what was accepted has to end. */
async function giveUp({ control, log }: Service, { deployment, epoch }: Claim, error: unknown): Promise<null> {
  const { id } = deployment;
  if (isDatabaseUnavailable(error)) throw error;
  log.error({ deployment: id, err: error }, 'A run could not be prepared.');
  await finishDeployment(
    control,
    { id, epoch },
    {
      status: 'needs_attention',
      summary: null,
      failure: internalFailure(id),
      lockWaitMs: 0,
      progress: NO_PROGRESS,
      seen: null,
    },
  );
  return null;
}

async function carryOut(service: Service, run: Run): Promise<Outcome> {
  const { claim, lease, progress } = run;
  if (run.lostAttempts >= service.config.maxTries) {
    const failure = workersLost(claim.deployment.id, run.lostAttempts);
    return { verdict: { kind: 'finish', status: 'needs_attention', failure }, report: null, summary: null };
  }
  if (claim.deployment.status === 'cancelling') return settleCancelled(service, run);
  const result = await deployClaim(service, run);
  if (result.kind === 'failed') {
    const { status, failure } = result;
    return { verdict: { kind: 'finish', status, failure }, report: null, summary: null };
  }
  const { report } = result;
  if (result.kind === 'departed') {
    const { departure } = result;
    const isLost = lease.reason === 'lease_lost';
    return { verdict: isLost ? { kind: 'lost' } : { kind: 'approval_voided', departure }, report, summary: null };
  }
  const verdict = settle({
    report,
    abort: lease.reason,
    tries: claim.tries,
    maxTries: service.config.maxTries,
    firstRetryMs: service.timing.firstRetryMs,
    lockWait: claim.lockWait,
    holder: progress.holder,
    isUnsettled: run.isUnsettled && progress.appliedEarlier === null,
    now: new Date(),
  });
  return verdict.kind === 'ask_target' ? settleCancelled(service, run) : { verdict, report, summary: null };
}

function logEnd({ log }: Service, claim: Claim, { verdict }: Outcome, said: Said, ms: number): void {
  const { id, target, mode } = claim.deployment;
  const failure = 'failure' in verdict ? verdict.failure : null;
  const fields = { deployment: id, target, mode, status: said, ms: Math.round(ms), attempt: claim.attempt };
  const told = failure === null ? fields : { ...fields, code: failure.code, reason: failure.message };
  // Waiting for a lock is looked at many times: once is enough to be told of.
  const isRepeated = said === 'waiting' && verdict.kind === 'hand_back' && !verdict.isNewHolder;
  log[isRepeated ? 'debug' : said === 'succeeded' || said === 'cancelled' ? 'info' : 'warn'](told, SENTENCES[said]);
}

const SENTENCES: Readonly<Record<Said, string>> = {
  succeeded: 'Deployment succeeded.',
  failed: 'Deployment failed.',
  cancelled: 'Deployment cancelled.',
  needs_attention: 'Deployment needs a person’s attention.',
  waiting: 'Deployment waits for the target’s lock.',
  retry: 'Deployment failed for a reason that may pass: it is tried again.',
  handed_back: 'Deployment handed back for another worker to go on.',
  approval_voided: 'Deployment would run other files than were approved: it waits for another approval.',
  lost: 'Deployment is another worker’s by now: nothing was written.',
};
