import { ledgerKey } from './files.ts';
import type { IntentRow } from './ledger-state.ts';

/**
 * What is known of a file that was begun and not finished, and what isn't. Also the mark by which an answer finds the
 * interruption that it is about: a later one of the same file differs in it.
 */
export interface StepEvidence {
  readonly path: string;
  /** SHA-256 of the file's bytes as they were run. */
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly statementsDone: number;
  /** How many the file has; null where it was not at hand. */
  readonly statementCount: number | null;
  /** From 1: the statement that was under way when word was last heard; null between statements. */
  readonly statementRunning: number | null;
  /** What the catalog can't tell, and why; null where it was not asked. */
  readonly unknown: string | null;
}

/** The evidence that an intent row holds. */
export function evidenceOf(intent: IntentRow, statementCount: number | null, unknown: string | null): StepEvidence {
  const { sha256, startedAt, statementsDone, statementRunning } = intent;
  const path = ledgerKey(intent.folder, intent.fileName);
  return { path, sha256, startedAt, statementsDone, statementCount, statementRunning, unknown };
}

/** Whether an intent is the very interruption that the evidence was taken from, and nothing has happened since. */
export function isSameInterruption(evidence: StepEvidence, intent: IntentRow): boolean {
  return (
    ledgerKey(intent.folder, intent.fileName) === evidence.path &&
    intent.startedAt === evidence.startedAt &&
    intent.sha256 === evidence.sha256 &&
    intent.statementsDone === evidence.statementsDone &&
    intent.statementRunning === evidence.statementRunning
  );
}
