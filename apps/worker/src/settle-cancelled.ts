import { setTimeout as pause } from 'node:timers/promises';
import type { DeploymentFailure } from '@postgres-manager/control-plane';
import { readRun, type RunOutcome } from '@postgres-manager/sql-deploy';
import { noteEvent, resolve, targetOptions } from './deploy-claim.ts';
import { addressed, outcomeUnknown, unfinishedFailure } from './failures.ts';
import type { Outcome } from './outcome.ts';
import type { Run } from './prepare-run.ts';
import type { Service } from './service.ts';
import { jittered, retryWaitMs } from './waits.ts';

const TRIES = 7;

/**
 * Ends a deployment that is to be cancelled and whose last run nobody can tell of: its worker, or its connection, was
 * lost. The target is asked, under its lock, so that nothing of it runs there any more, and what its ledger says stays.
 */
export async function settleCancelled(service: Service, run: Run): Promise<Outcome> {
  let failure: DeploymentFailure | null = null;
  for (let tries = 1; tries <= TRIES; tries++) {
    const connection = resolve(service, run);
    if ('failure' in connection) {
      failure = connection.failure;
      break;
    }
    const { deployment } = run.claim;
    const outcome = await readRun({
      ...targetOptions(service, run, connection),
      deploymentId: deployment.id,
      mode: deployment.mode,
      onEvent: (event) => noteEvent(service, run, event),
    });
    if (outcome.status === 'settled') return settled(run, outcome);
    failure = outcome.failed;
    if (tries === TRIES || !(await waitToAskAgain(service, run, tries, failure))) break;
  }
  // Stopped before it was known: another worker asks when this lease has run out.
  if (isStopped(run)) return { verdict: { kind: 'lost' }, report: null, summary: null };
  const unknown = outcomeUnknown(run.claim.deployment.id, failure);
  return { verdict: { kind: 'finish', status: 'needs_attention', failure: unknown }, report: null, summary: null };
}

/** The run may have been told to stop because of the very cancel that is carried out here. */
function isStopped({ lease }: Run): boolean {
  return lease.reason !== null && lease.reason !== 'cancelled';
}

/** @returns false when this worker stops, or the deployment is another's */
async function waitToAskAgain(
  service: Service,
  run: Run,
  tries: number,
  failure: DeploymentFailure | null,
): Promise<boolean> {
  const waitMs = jittered(retryWaitMs(tries, service.timing.firstRetryMs));
  run.progress.add('settling', { try: tries, waitMs, reason: failure?.message ?? 'unknown' }, new Date());
  run.recorder.changed();
  const until = performance.now() + waitMs;
  while (performance.now() < until) {
    if (isStopped(run)) return false;
    await pause(Math.min(100, waitMs));
  }
  return true;
}

function settled({ claim, progress }: Run, { applied, unfinished }: RunOutcome): Outcome {
  progress.noteAppliedEarlier(applied);
  const paths = applied.map(({ path }) => path);
  const [begun] = unfinished;
  const summary = {
    applied: paths,
    skipped: 0,
    baselined: 0,
    adopted: 0,
    notStarted: [],
  };
  if (begun !== undefined) {
    const failure = addressed(unfinishedFailure(begun), claim.deployment);
    progress.steps.fail(begun.path, failure, new Date(), 'needs_attention');
    return {
      verdict: { kind: 'finish', status: 'needs_attention', failure },
      report: null,
      summary: { ...summary, result: 'needs_attention', failures: [failure] },
    };
  }
  // A create is complete only with its last entries in the ledger: that one is left to the next deployment to tell.
  const isComplete =
    claim.deployment.mode !== 'create' &&
    progress.steps.size > 0 &&
    progress.steps.applied.length === progress.steps.size;
  return {
    verdict: { kind: 'finish', status: isComplete ? 'succeeded' : 'cancelled', failure: null },
    report: null,
    summary: { ...summary, result: isComplete ? 'succeeded' : 'failed', failures: [] },
  };
}
