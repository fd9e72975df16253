import type { Failure, Report, Status } from '@postgres-manager/sql-deploy';
import { expect, test } from 'vitest';
import { type AbortReason, type Ended, settle } from './settle.ts';

const NOW = new Date('2026-01-01T00:01:00Z');

function failure(code: Failure['code'], file: string | null = null): Failure {
  return { file, line: null, column: null, sourceLine: null, sqlstate: null, code, message: code, hint: '' };
}

function report(status: Status, ...failures: Failure[]): Report {
  return {
    mode: 'deployment',
    status,
    dryRun: false,
    bundleDigest: '',
    applied: [],
    skipped: 0,
    baselined: 0,
    adopted: 0,
    notStarted: [],
    planned: [],
    failed: failures[0] ?? null,
    failures,
    problems: [],
    durationMs: 1,
    ledger: null,
  };
}

function ended(of: Report, changes: Partial<Ended> = {}): Ended {
  return {
    report: of,
    abort: null,
    tries: 0,
    maxTries: 3,
    firstRetryMs: 1000,
    lockWait: null,
    holder: null,
    isUnsettled: false,
    now: NOW,
    ...changes,
  };
}

test.each<[string, Ended, object]>([
  ['success', ended(report('succeeded')), { kind: 'finish', status: 'succeeded', failure: null }],
  ['nothing to do', ended(report('nothing_to_do')), { kind: 'finish', status: 'succeeded' }],
  ['a wrong file', ended(report('failed', failure('sql_error', 'a'))), { kind: 'finish', status: 'failed' }],
  ['a refusal', ended(report('refused', failure('wrong_database'))), { kind: 'finish', status: 'failed' }],
  ['faulty files', ended(report('invalid')), { kind: 'finish', status: 'failed', failure: { code: 'bundle_invalid' } }],
  ['an interruption', ended(report('needs_attention', failure('unfinished_step'))), { status: 'needs_attention' }],
  ['away', ended(report('refused', failure('unreachable'))), { kind: 'hand_back', outcome: 'retry' }],
  ['away for the last time', ended(report('refused', failure('unreachable')), { tries: 2 }), { status: 'failed' }],
  [
    'away for the last time, an earlier attempt unaccounted for',
    ended(report('refused', failure('unreachable')), { tries: 2, isUnsettled: true }),
    { status: 'needs_attention' },
  ],
  [
    'one of two failures that would not pass',
    ended(report('failed', failure('lock_timeout', 'a'), failure('sql_error', 'b'))),
    { kind: 'finish', status: 'failed' },
  ],
  ['cancelled', ended(report('failed', failure('cancelled')), { abort: 'cancelled' }), { status: 'cancelled' }],
  ['cancelled, but done', ended(report('succeeded'), { abort: 'cancelled' }), { status: 'succeeded' }],
  [
    'cancelled, but failed on its own',
    ended(report('failed', failure('sql_error', 'a')), { abort: 'cancelled' }),
    { status: 'failed' },
  ],
  [
    'cancelled while waiting',
    ended(report('busy', failure('lock_busy')), { abort: 'cancelled' }),
    { status: 'cancelled' },
  ],
  [
    'cancelled, the connection lost',
    ended(report('failed', failure('connection_lost')), { abort: 'cancelled' }),
    { kind: 'ask_target' },
  ],
  [
    'cancelled, an earlier attempt unaccounted for',
    ended(report('failed', failure('cancelled')), { abort: 'cancelled', isUnsettled: true }),
    { kind: 'ask_target' },
  ],
  [
    'stopped',
    ended(report('failed', failure('cancelled')), { abort: 'worker_stopping' }),
    { kind: 'hand_back', outcome: 'handed_back', delayMs: 0 },
  ],
  [
    'stopped, the connection lost as well',
    ended(report('failed', failure('connection_lost')), { abort: 'control_database_away' }),
    { kind: 'hand_back', outcome: 'handed_back', failure: { code: 'connection_lost' } },
  ],
  [
    'the connection lost for the last time, the ledger asked since',
    ended(report('failed', failure('connection_lost')), { tries: 2 }),
    { kind: 'finish', status: 'failed' },
  ],
  [
    'the connection lost for the last time, and nobody there to ask',
    ended(report('failed', { ...failure('connection_lost'), outcomeUnknown: true }), { tries: 2 }),
    { kind: 'finish', status: 'needs_attention' },
  ],
  ['another worker’s', ended(report('failed', failure('cancelled')), { abort: 'lease_lost' }), { kind: 'lost' }],
])('%s', (_, of, verdict) => {
  expect(settle(of)).toMatchObject(verdict);
});

test('whatever was said before, what is another worker’s is not written about', () => {
  for (const status of ['succeeded', 'failed', 'busy', 'needs_attention'] as const) {
    expect(settle(ended(report(status, failure('sql_error')), { abort: 'lease_lost' as AbortReason }))).toEqual({
      kind: 'lost',
    });
  }
});

test('a lock is waited for since its holder was first seen, though it is at another file by now', () => {
  const holder = (file: string): string =>
    `backend 7: postgres-manager ${file}, user u, from local, connected since 2026-01-01T00:00:00Z`;
  const lockWait = { holder: holder('a'), since: '2026-01-01T00:00:10.000Z' };
  const busy = report('busy', failure('lock_busy'));
  expect(settle(ended(busy, { lockWait, holder: holder('b') }))).toMatchObject({
    outcome: 'waiting',
    isNewHolder: false,
    waiting: { kind: 'lock', holder: holder('b'), since: lockWait.since },
  });
  expect(
    settle(ended(busy, { lockWait, holder: 'backend 8: psql, connected since 2026-01-01T00:00:00Z' })),
  ).toMatchObject({
    isNewHolder: true,
    waiting: { since: NOW.toISOString() },
  });
});
