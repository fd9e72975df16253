import type { StepEvidence } from './evidence.ts';
import { isSameInterruption } from './evidence.ts';
import type { IntentRow, LedgerRow } from './ledger-state.ts';

/** A person's answer about one interrupted file. */
export interface Resolution {
  /** What the person was shown: the answer is about this interruption and no other. */
  readonly evidence: StepEvidence;
  /** `applied`: all of its work is there. `not_applied`: none of it is, and it is to run again from its start. */
  readonly outcome: 'applied' | 'not_applied';
}

/**
 * What an answer means for a ledger. It may be carried out by a worker that is killed right after, by one that comes
 * later, or by two people at once, so it is judged by the ledger alone:
 * - `settle`: the interruption is as it was shown; the answer is to be entered.
 * - `settled`: it has been entered, or the ledger says as much by other means; there is nothing to enter.
 * - `stale`: the ledger has been told otherwise since. Going on would do what the person did not say.
 */
export function judgeResolution(
  { evidence, outcome }: Resolution,
  intent: IntentRow | null,
  row: LedgerRow | null,
): 'settle' | 'settled' | 'stale' {
  if (intent !== null && isSameInterruption(evidence, intent)) return 'settle';
  if (outcome === 'applied') return row === null ? 'stale' : 'settled';
  // Forgotten, and perhaps begun again since: then that interruption is a new one, to be judged as any.
  return row?.origin === 'resolved' ? 'stale' : 'settled';
}
