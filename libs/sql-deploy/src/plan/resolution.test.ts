import { describe, expect, test } from 'vitest';
import { evidenceOf } from './evidence.ts';
import type { IntentRow, LedgerRow, Origin } from './ledger-state.ts';
import { judgeResolution } from './resolution.ts';

const INTENT: IntentRow = {
  folder: 'deployment',
  fileName: '00001-b.sql',
  sha256: 'b',
  statementsDone: 1,
  doneSha256: 'd',
  statementRunning: 2,
  startedAt: '2030-01-01T00:00:00.000Z',
  deploymentId: 'first',
};
const EVIDENCE = evidenceOf(INTENT, 3, null);

function rowOf(origin: Origin): LedgerRow {
  const { folder, fileName, sha256 } = INTENT;
  return { folder, fileName, sha256, origin, appliedAt: '', appliedBy: '', durationMs: null, deploymentId: null };
}

/** Each way in which the interruption may be another one than the person saw. */
const LATER: readonly IntentRow[] = [
  { ...INTENT, startedAt: '2030-01-01T00:00:00.001Z' },
  { ...INTENT, statementsDone: 2 },
  { ...INTENT, statementRunning: null },
  { ...INTENT, sha256: 'c' },
];

describe('an answer about an interrupted file', () => {
  test('is entered while the interruption is the one that the person saw', () => {
    for (const outcome of ['applied', 'not_applied'] as const) {
      expect(judgeResolution({ evidence: EVIDENCE, outcome }, INTENT, null)).toBe('settle');
    }
  });

  test('is never entered for another interruption of the same file', () => {
    for (const intent of LATER) {
      expect(judgeResolution({ evidence: EVIDENCE, outcome: 'applied' }, intent, null)).toBe('stale');
      expect(judgeResolution({ evidence: EVIDENCE, outcome: 'not_applied' }, intent, null)).toBe('settled');
    }
  });

  test.each([
    ['applied', 'resolved', 'settled'],
    ['applied', 'run', 'settled'],
    ['applied', null, 'stale'],
    ['not_applied', null, 'settled'],
    ['not_applied', 'run', 'settled'],
    ['not_applied', 'resolved', 'stale'],
  ] as const)('%s, where nothing is unfinished and the ledger has it as %s, is %s', (outcome, origin, judged) => {
    expect(judgeResolution({ evidence: EVIDENCE, outcome }, null, origin === null ? null : rowOf(origin))).toBe(judged);
  });
});
