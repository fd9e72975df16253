import { expect, test } from 'vitest';
import { EventBuffer } from './event-buffer.ts';

const AT = new Date('2026-01-01T00:00:00Z');

test('only the latest place in a file is kept of those that follow each other', () => {
  const buffer = new EventBuffer();
  for (const statement of [1, 2, 3]) buffer.add('step_progress', { path: 'a', statement, statements: 9 }, AT);
  buffer.add('cancelling', {}, AT);
  expect(buffer.take().map(({ type, data }) => [type, data['statement']])).toEqual([
    ['step_progress', 3],
    ['cancelling', undefined],
  ]);
  expect(buffer.take()).toEqual([]);
});

test('what could not be written comes before what has happened since', () => {
  const buffer = new EventBuffer();
  buffer.add('adopted', { count: 1 }, AT);
  const taken = buffer.take();
  buffer.add('adopted', { count: 2 }, AT);
  buffer.putBack(taken);
  expect(buffer.take().map(({ data }) => data['count'])).toEqual([1, 2]);
});

test('while nothing can be written, passing things go first, and how many went is told', () => {
  const buffer = new EventBuffer();
  for (let i = 0; i < 6000; i++) {
    buffer.add('step_started', { path: `${i}`, index: i, total: 6000 }, AT);
    buffer.add('step_finished', { path: `${i}`, index: i, total: 6000, durationMs: 1 }, AT);
  }
  const events = buffer.take();
  expect(events.filter(({ type }) => type === 'step_finished')).toHaveLength(6000);
  expect(events.at(-1)).toMatchObject({ type: 'events_dropped', data: { count: 2000 } });
});
