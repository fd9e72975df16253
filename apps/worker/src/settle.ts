import type { Departure, DeploymentFailure, FinalStatus, HandBack } from '@postgres-manager/control-plane';
import { type Failure, mayPass, type Report } from '@postgres-manager/sql-deploy';
import { bundleInvalid } from './failures.ts';
import { isSameHolder } from './lock-holder.ts';
import { jittered, lockLookMs, retryWaitMs } from './waits.ts';

/** Why a run was told to stop before its end. */
export type AbortReason = 'cancelled' | 'worker_stopping' | 'lease_lost' | 'control_database_away';

/** What is known when a run has ended. */
export interface Ended {
  readonly report: Report;
  readonly abort: AbortReason | null;
  /** Failed attempts before this one that counted. */
  readonly tries: number;
  readonly maxTries: number;
  readonly firstRetryMs: number;
  /** Whom the last hand-back was waiting for. */
  readonly lockWait: { readonly holder: string; readonly since: string } | null;
  /** Who has the target's lock. */
  readonly holder: string | null;
  /** An earlier attempt ended without a word on what it did, and this one has not read the ledger either. */
  readonly isUnsettled: boolean;
  readonly now: Date;
}

/** What is to become of the deployment. */
export type Verdict =
  | { readonly kind: 'finish'; readonly status: FinalStatus; readonly failure: DeploymentFailure | null }
  /** It is to be cancelled, but whether anything of it still runs has to be asked first. */
  | { readonly kind: 'ask_target' }
  | {
      readonly kind: 'hand_back';
      readonly outcome: HandBack['outcome'];
      readonly delayMs: number;
      readonly waiting: HandBack['waiting'];
      readonly failure: DeploymentFailure | null;
      /** Another backend than before has the lock. */
      readonly isNewHolder: boolean;
    }
  /** What was to be run is not what was approved: it waits for another approval. */
  | { readonly kind: 'approval_voided'; readonly departure: Departure }
  /** It is another worker's by now. */
  | { readonly kind: 'lost' };

/** Decides from a run's report what becomes of its deployment. */
export function settle(ended: Ended): Verdict {
  const { report, abort } = ended;
  if (abort === 'lease_lost') return { kind: 'lost' };
  if (report.status === 'succeeded' || report.status === 'nothing_to_do') return finish('succeeded', null);
  if (report.status === 'invalid') return finish('failed', bundleInvalid(report.problems));
  const failure = report.failed;
  if (report.status === 'needs_attention') return finish('needs_attention', failure);
  if (abort !== null && wasInterrupted(report)) return interrupted(ended, abort);
  if (report.status === 'busy') return waitForLock(ended);
  if (report.failures.every(mayPass) && ended.tries + 1 < ended.maxTries) return retry(ended);
  const isUnknown = ended.isUnsettled || failure?.outcomeUnknown === true;
  return finish(isUnknown ? 'needs_attention' : 'failed', failure);
}

/** It ended for being told to, or of what would have been tried again; a file that failed on its own has failed. */
function wasInterrupted({ status, failures }: Report): boolean {
  return status === 'busy' || failures.every((failure) => failure.code === 'cancelled' || mayPass(failure));
}

function interrupted(ended: Ended, abort: Exclude<AbortReason, 'lease_lost'>): Verdict {
  const failure = ended.report.failed;
  if (abort !== 'cancelled') {
    // A run that was lost sight of may go on in the target: whoever is to cancel or settle it has to know.
    const lost = failure?.code === 'connection_lost' ? failure : null;
    return { kind: 'hand_back', outcome: 'handed_back', delayMs: 0, waiting: null, failure: lost, isNewHolder: false };
  }
  // "Cancelled" is said only when nothing of it runs any more.
  if (ended.isUnsettled || failure?.code === 'connection_lost') return { kind: 'ask_target' };
  return finish('cancelled', failure);
}

function waitForLock({ lockWait, report, now, ...ended }: Ended): Verdict {
  const holder = ended.holder ?? report.failed?.message ?? 'unknown';
  const isSame = lockWait !== null && isSameHolder(lockWait.holder, holder);
  const since = isSame ? lockWait.since : now.toISOString();
  const delayMs = jittered(lockLookMs(now.getTime() - Date.parse(since)));
  return {
    kind: 'hand_back',
    outcome: 'waiting',
    delayMs,
    waiting: { kind: 'lock', holder, since },
    failure: null,
    isNewHolder: !isSame,
  };
}

function retry({ report, tries, maxTries, firstRetryMs }: Ended): Verdict {
  const failure: Failure | null = report.failed;
  const delayMs = jittered(retryWaitMs(tries + 1, firstRetryMs));
  const reason = `Attempt ${tries + 1} of ${maxTries} failed: ${failure?.message ?? report.status}`;
  return {
    kind: 'hand_back',
    outcome: 'retry',
    delayMs,
    waiting: { kind: 'retry', reason },
    failure,
    isNewHolder: false,
  };
}

function finish(status: FinalStatus, failure: DeploymentFailure | null): Verdict {
  return { kind: 'finish', status, failure };
}
