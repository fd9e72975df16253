import { expect, test } from 'vitest';
import type { Attempt, Deployment, DeploymentEvent, Step } from './deployment.ts';
import { type TimelineRow, timelineRows, workOf } from './timeline-rows.ts';

const at = (seconds: number): string => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const ms = (seconds: number): number => Date.parse(at(seconds));

const step = (path: string, changes: Partial<Step> = {}): Step => ({
  path,
  sha256: '',
  transactional: true,
  statementCount: 1,
  status: 'applied',
  attempt: 1,
  startedAt: at(10),
  finishedAt: at(11),
  durationMs: 1000,
  failure: null,
  ...changes,
});
const attempt = (number: number, from: number, to: number | null, outcome: string | null): Attempt => ({
  number,
  worker: 'w',
  workerHost: null,
  startedAt: at(from),
  finishedAt: to === null ? null : at(to),
  outcome,
  failure: null,
  backendPid: null,
  serverVersion: null,
  lockWaitMs: 0,
});
const deployment = (changes: Partial<Deployment>): Deployment =>
  ({
    status: 'running',
    createdAt: at(0),
    notBefore: null,
    startedAt: at(10),
    finishedAt: null,
    attempts: [],
    steps: [],
    ...changes,
  }) as unknown as Deployment;
const event = (seconds: number, type: string, data: Record<string, unknown> = {}): DeploymentEvent => ({
  deploymentId: 'd',
  number: seconds,
  id: '1',
  at: at(seconds),
  type,
  data,
});

/** A row in short. */
const short = (row: TimelineRow): string => {
  if (row.kind === 'wait')
    return `wait ${row.title} ${row.about ?? ''} ${(row.from - ms(0)) / 1000}-${row.to === null ? '' : (row.to - ms(0)) / 1000}`;
  if (row.kind === 'attempt') return `attempt ${row.attempt.number}`;
  if (row.kind === 'note') return `note ${row.event.type}`;
  return row.kind === 'step' ? `step ${row.step.path}` : `more ${row.count}`;
};

test('one that waits is a wait that goes on', () => {
  expect(timelineRows(deployment({ status: 'queued', startedAt: null }), []).map(short)).toEqual(['wait Queued  0-']);
  expect(timelineRows(deployment({ status: 'scheduled', startedAt: null, notBefore: at(60) }), []).map(short)).toEqual([
    'wait Scheduled  0-',
  ]);
});

test('one that was cancelled before it began waited until then', () => {
  const cancelled = deployment({ status: 'cancelled', startedAt: null, finishedAt: at(7) });
  expect(timelineRows(cancelled, []).map(short)).toEqual(['wait Queued  0-7']);
  expect(timelineRows({ ...cancelled, notBefore: at(60) }, []).map(short)).toEqual(['wait Scheduled  0-7']);
});

test('attempts stand apart, each with its lock waits, its steps and what was noted of them', () => {
  const rows = timelineRows(
    deployment({
      attempts: [attempt(1, 10, 20, 'lost'), attempt(2, 30, null, null)],
      steps: [
        step('a'),
        step('b', { attempt: 2, status: 'running', finishedAt: null }),
        step('c', { attempt: 2, status: 'planned', startedAt: null }),
      ],
    }),
    [
      event(0, 'queued'),
      event(10, 'started', { attempt: 1 }),
      event(11, 'waiting', { holder: 'one' }),
      event(12, 'waiting', { holder: 'other' }),
      event(14, 'planned'),
      event(15, 'step_started', { path: 'a' }),
      event(15, 'notice', { path: 'a' }),
      event(16, 'step_finished', { path: 'a' }),
      event(17, 'step_failed', { path: 'b' }),
      event(20, 'worker_lost'),
      event(30, 'started', { attempt: 2 }),
      event(31, 'adopted'),
      event(32, 'planned'),
      event(33, 'step_started', { path: 'b' }),
      ...[1, 2, 3, 4, 5].map((more) => event(33 + more, 'notice', { path: 'b' })),
    ],
  );
  expect(rows.map(short)).toEqual([
    'wait Queued  0-10',
    'attempt 1',
    'wait Lock one 11-12',
    'wait Lock other 12-14',
    'step a',
    'note notice',
    // The second attempt ran it again: that it failed in the first is told there.
    'note step_failed',
    'note worker_lost',
    'wait Before attempt 2  20-30',
    'attempt 2',
    'note adopted',
    'step b',
    'note notice',
    'note notice',
    'note notice',
    'more 2',
    'step c',
  ]);
});

test('a lock that is still another’s is waited for, though the attempt was handed back', () => {
  const rows = timelineRows(deployment({ status: 'queued', attempts: [attempt(1, 10, 12, 'waiting')] }), [
    event(10, 'started', { attempt: 1 }),
    event(11, 'waiting', { holder: 'one' }),
  ]);
  expect(rows.map(short)).toEqual(['wait Queued  0-10', 'attempt 1', 'wait Lock one 11-']);
});

test('work is what steps took, and attempts of which no step is told', () => {
  const rows = timelineRows(
    deployment({
      attempts: [attempt(1, 10, 20, 'retry'), attempt(2, 30, null, null)],
      steps: [
        step('a', { attempt: 2, startedAt: at(31), finishedAt: at(32) }),
        step('b', { attempt: 2, status: 'running', startedAt: at(32), finishedAt: null }),
      ],
    }),
    [],
  );
  expect(workOf(rows, ms(40))).toEqual([
    { from: ms(10), to: ms(20) },
    { from: ms(31), to: ms(32) },
    { from: ms(32), to: ms(40) },
  ]);
});
