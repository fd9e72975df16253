import { expect, it } from 'vitest';
import { RunRecorder } from './run-record.ts';

it('knows what is done, what failed and what is under way', () => {
  const record = new RunRecorder(0);
  record.observe({ type: 'connecting', attempt: 2, waitMs: 100, reason: 'refused' }, 1);
  expect(record.waitingFor).toBe('connecting, attempt 2: refused');
  record.observe({ type: 'planned', total: 3, skipped: 1, steps: [], appliedEarlier: [] }, 2);
  for (const [index, path] of ['a', 'b', 'c'].entries())
    record.observe({ type: 'step_started', path, index: index + 1, total: 3 }, 3);
  record.observe({ type: 'step_finished', path: 'a', index: 1, total: 3, durationMs: 1 }, 4);
  record.observe({ type: 'step_progress', path: 'b', statement: 2, statements: 5 }, 5);
  expect(record).toMatchObject({ waitingFor: null, total: 3, finished: ['a'], failed: [] });
  expect(record.running).toEqual([
    { path: 'b', startedAt: 3, statement: 2, statements: 5 },
    { path: 'c', startedAt: 3, statement: 0, statements: 0 },
  ]);
});
