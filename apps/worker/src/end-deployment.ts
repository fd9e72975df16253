import {
  ControlPlaneError,
  type DeploymentFailure,
  type Ending,
  finishDeployment,
  type HandBack,
  handBackDeployment,
  isDatabaseUnavailable,
  NO_PROGRESS,
  type Summary,
  type TargetSeen,
  voidApproval,
} from '@postgres-manager/control-plane';
import { addressed, internalFailure } from './failures.ts';
import type { Outcome } from './outcome.ts';
import { persist } from './persist.ts';
import type { Run } from './prepare-run.ts';
import type { Service } from './service.ts';
import { settleCancelled } from './settle-cancelled.ts';
import { summaryOf } from './summary.ts';

type Verdict = Outcome['verdict'];
type Finish = Extract<Verdict, { kind: 'finish' }>;
type GiveBack = Extract<Verdict, { kind: 'hand_back' }>;

/** What was written down in the end; `lost`: nothing, since it is another worker's. */
export type Said = Ending['status'] | GiveBack['outcome'] | 'approval_voided' | 'lost';

/**
 * Writes down what became of a run, with all there still is to tell: again and again until it is written, or the
 * deployment turns out to be another's.
 */
export async function endDeployment(service: Service, run: Run, outcome: Outcome): Promise<Said> {
  await run.recorder.end();
  const { verdict } = outcome;
  if (verdict.kind === 'lost') return 'lost';
  tellSteps(run, outcome);
  try {
    await persist(
      () => run.recorder.clearDoubt(),
      () => !service.gone.aborted,
    );
    if (verdict.kind === 'approval_voided') return await voidApprovalOf(service, run, outcome, verdict);
    return verdict.kind === 'finish'
      ? await finish(service, run, outcome, verdict)
      : await handBack(service, run, outcome, verdict);
  } catch (error) {
    if (error instanceof ControlPlaneError && error.code === 'lease_lost') return 'lost';
    throw error;
  }
}

/** Brings the steps into agreement with what the run did. */
function tellSteps({ progress, claim }: Run, { verdict, report }: Outcome): void {
  if (report?.status === 'invalid') {
    const problems = report.problems.slice(0, 100);
    progress.add('invalid', { total: report.problems.length, problems }, new Date());
  }
  const end =
    verdict.kind === 'hand_back' || verdict.kind === 'approval_voided'
      ? 'goes_on'
      : claim.deployment.dryRun
        ? 'dry_run'
        : 'final';
  // Where the ledger was not read in this attempt, what was under way in an earlier one may be committed.
  const isOpen = verdict.kind === 'finish' && verdict.status === 'needs_attention' && progress.appliedEarlier === null;
  const running = isOpen ? 'needs_attention' : undefined;
  if (report !== null) progress.steps.settle(report, end, new Date(), running);
  else progress.steps.leave(end, running);
}

async function finish(service: Service, run: Run, outcome: Outcome, verdict: Finish): Promise<Said> {
  const { lease, progress } = run;
  const ending: Ending = {
    status: verdict.status,
    summary: outcome.summary ?? summaryOfRun(run, outcome),
    failure: failureOf(run, verdict),
    lockWaitMs: progress.lockWaitMs,
    progress: progress.take(),
    seen: seenOf(run, outcome),
  };
  const write = (what: Ending): Promise<void> =>
    persist(
      () => finishDeployment(service.control, lease.held, what),
      () => !service.gone.aborted,
    );
  try {
    await write(ending);
    return ending.status;
  } catch (error) {
    if (error instanceof ControlPlaneError || isDatabaseUnavailable(error)) throw error;
    // Something in it can't be stored: it must not come round again and again for that.
    service.log.error({ deployment: lease.held.id, err: error }, 'The end of a run could not be written in full.');
    const failure = internalFailure(lease.held.id);
    await write({ ...ending, status: 'needs_attention', summary: null, failure, progress: NO_PROGRESS, seen: null });
    return 'needs_attention';
  }
}

async function handBack(service: Service, run: Run, outcome: Outcome, verdict: GiveBack): Promise<Said> {
  const { progress } = run;
  tellHandBack(service, run, verdict);
  const batch = progress.take();
  const isQueued = await writeHandBack(service, run, {
    outcome: verdict.outcome,
    delayMs: verdict.delayMs,
    waiting: verdict.waiting,
    failure: verdict.failure,
    lockWaitMs: progress.lockWaitMs + (verdict.outcome === 'waiting' ? verdict.delayMs : 0),
    progress: batch,
  });
  if (isQueued) return verdict.outcome;
  progress.putBack(batch);
  return await endCancelled(service, run, outcome, verdict.failure);
}

/** The plan that was made is among its steps: it is what the next approver is shown. */
async function voidApprovalOf(
  service: Service,
  run: Run,
  outcome: Outcome,
  { departure }: Extract<Verdict, { kind: 'approval_voided' }>,
): Promise<Said> {
  const { progress, lease } = run;
  const batch = progress.take();
  const isVoided = await persist(
    () => voidApproval(service.control, lease.held, { departure, lockWaitMs: progress.lockWaitMs, progress: batch }),
    () => !service.gone.aborted,
  );
  if (isVoided) return 'approval_voided';
  progress.putBack(batch);
  return await endCancelled(service, run, outcome, null);
}

/** Cancelled at the very moment at which it was to be given back. */
async function endCancelled(
  service: Service,
  run: Run,
  outcome: Outcome,
  failure: DeploymentFailure | null,
): Promise<Said> {
  const { progress } = run;
  const mayRun = run.isUnsettled && progress.appliedEarlier === null;
  if (mayRun || failure?.code === 'connection_lost') {
    const asked = await settleCancelled(service, run);
    if (asked.verdict.kind !== 'finish') return 'lost';
    tellSteps(run, asked);
    return await finish(service, run, asked, asked.verdict);
  }
  progress.steps.leave('final');
  return await finish(service, run, outcome, { kind: 'finish', status: 'cancelled', failure });
}

/** @returns false when it was cancelled meanwhile */
async function writeHandBack(service: Service, { lease }: Run, handBack: HandBack): Promise<boolean> {
  const write = (what: HandBack): Promise<boolean> =>
    persist(
      () => handBackDeployment(service.control, lease.held, what),
      () => !service.gone.aborted,
    );
  try {
    return await write(handBack);
  } catch (error) {
    if (error instanceof ControlPlaneError || isDatabaseUnavailable(error)) throw error;
    // As for an end: else its lease would run out, and the next attempt come to the same.
    service.log.error({ deployment: lease.held.id, err: error }, 'A hand-back could not be written in full.');
    return await write({ ...handBack, waiting: null, failure: null, progress: NO_PROGRESS });
  }
}

/** What only a person can settle names what settles it. */
function failureOf({ claim }: Run, { status, failure }: Finish): DeploymentFailure | null {
  return status === 'needs_attention' && failure !== null ? addressed(failure, claim.deployment) : failure;
}

function tellHandBack({ config }: Service, { progress, claim, lease }: Run, verdict: GiveBack): void {
  const now = new Date();
  if (verdict.outcome === 'waiting' && verdict.isNewHolder && verdict.waiting?.kind === 'lock') {
    progress.add('waiting', { holder: verdict.waiting.holder }, now);
  } else if (verdict.outcome === 'retry' && verdict.failure !== null) {
    const { failure, delayMs } = verdict;
    progress.add('retry', { tries: claim.tries + 1, maxTries: config.maxTries, waitMs: delayMs, failure }, now);
  } else if (verdict.outcome === 'handed_back') {
    const reason = lease.reason === 'worker_stopping' ? 'worker_stopping' : 'control_database_away';
    progress.add('handed_back', { reason }, now);
  }
}

function summaryOfRun({ progress }: Run, { report }: Outcome): Summary | null {
  if (report === null) return null;
  return summaryOf(report, progress.appliedEarlier?.map(({ path }) => path) ?? progress.steps.applied);
}

/**
 * What was seen of the target. That another database was accepted is used up only when the ledger there has been made
 * its own: a dry run, or a run that failed before that, leaves it to the next.
 */
function seenOf({ progress, claim }: Run, { report, verdict }: Outcome): TargetSeen | null {
  if (report === null) return null;
  const isDone = verdict.kind === 'finish' && verdict.status === 'succeeded' && !claim.deployment.dryRun;
  return claim.target.acceptIdentity && !isDone ? null : progress.seen(report.ledger);
}
