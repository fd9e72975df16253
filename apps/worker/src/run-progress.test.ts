import type { Failure, Report } from '@postgres-manager/sql-deploy';
import { expect, test } from 'vitest';
import { RunProgress } from './run-progress.ts';

const AT = new Date('2026-01-01T00:00:10Z');
const step = (path: string) => ({ path, sha256: 'x', transactional: true, statementCount: 1 });
const REPORT = { status: 'succeeded', applied: [], failures: [] } as unknown as Report;

const planned = (...paths: string[]) =>
  ({ type: 'planned', total: paths.length, skipped: 0, steps: paths.map(step), appliedEarlier: [] }) as const;

const statuses = (progress: RunProgress): [string, string][] =>
  progress.take().steps.map(({ path, status }) => [path, status]);

test('what was written is not written again, and what could not be is', () => {
  const progress = new RunProgress([], new Map(), false);
  progress.note(planned('a', 'b'), AT);
  const first = progress.take();
  expect(progress.isEmpty).toBe(true);
  progress.note({ type: 'step_started', path: 'a', index: 1, total: 2 }, AT);
  progress.putBack(first);
  expect(progress.take()).toMatchObject({
    steps: [
      { path: 'a', status: 'running' },
      { path: 'b', status: 'planned' },
    ],
    events: [{ type: 'planned' }, { type: 'step_started' }],
  });
});

test('files that an earlier attempt applied are applied, though it could not say so', () => {
  const earlier = [
    { ...step('a'), status: 'running', attempt: 1, startedAt: null, finishedAt: null, durationMs: null, failure: null },
  ] as const;
  const progress = new RunProgress(earlier, new Map([['b', 'digest']]), false);
  progress.note(
    {
      ...planned('c'),
      skipped: 2,
      appliedEarlier: [
        { path: 'a', appliedAt: '2026-01-01T00:00:01.000Z', durationMs: 500 },
        { path: 'b', appliedAt: '2026-01-01T00:00:02.000Z', durationMs: null },
      ],
    },
    AT,
  );
  expect(progress.take()).toMatchObject({
    steps: [
      { path: 'a', position: 1, status: 'applied', startedAt: '2026-01-01T00:00:00.500Z' },
      { path: 'b', position: 2, status: 'applied', sha256: 'digest' },
      { path: 'c', position: 3, status: 'planned' },
    ],
    events: [{ data: { total: 1, skipped: 0, appliedEarlier: 2 } }],
  });
});

test('the report has the last word on the steps', () => {
  const failure = { file: 'b', code: 'sql_error' } as Failure;
  const failed = { ...REPORT, status: 'failed', applied: ['a'], failures: [failure] } as Report;
  const progress = new RunProgress([], new Map(), false);
  progress.note(planned('a', 'b', 'c'), AT);
  progress.steps.settle(failed, 'final', AT);
  expect(statuses(progress)).toEqual([
    ['a', 'applied'],
    ['b', 'failed'],
    ['c', 'not_started'],
  ]);
});

test('what is handed back stays planned', () => {
  const progress = new RunProgress([], new Map(), false);
  progress.note(planned('a', 'b'), AT);
  progress.note({ type: 'step_started', path: 'a', index: 1, total: 2 }, AT);
  progress.steps.settle({ ...REPORT, status: 'failed' }, 'goes_on', AT);
  expect(statuses(progress)).toEqual([
    ['a', 'planned'],
    ['b', 'planned'],
  ]);
});

test('notices are cut, and have an end', () => {
  const progress = new RunProgress([], new Map(), false);
  const message = `${'x'.repeat(999)}😀 and more`;
  for (let i = 0; i < 500; i++) progress.note({ type: 'notice', path: null, severity: 'NOTICE', message }, AT);
  const { events } = progress.take();
  expect(events).toHaveLength(201);
  expect(events[0]?.data['message']).toBe(`${'x'.repeat(999)}…`);
  expect(events.at(-1)).toMatchObject({ type: 'notices_dropped', data: { kept: 200 } });
});
