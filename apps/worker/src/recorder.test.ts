import type { Progress } from '@postgres-manager/control-plane';
import { expect, test } from 'vitest';
import { Recorder } from './recorder.ts';
import { RunProgress } from './run-progress.ts';

const AWAY = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const REFUSED = Object.assign(new Error('invalid input'), { code: '22P05' });

/** A recorder whose writes end as they are told to, one after the other; then they all succeed. */
function setup(endings: readonly (Error | null)[], onFault: () => void = () => undefined) {
  const progress = new RunProgress([], new Map(), false);
  const writes: { types: string[]; after: number }[] = [];
  const faults: unknown[] = [];
  const recorder = new Recorder({
    held: { id: 'd', epoch: 1 },
    progress,
    flushMs: 1,
    lastEvent: 2,
    write: (batch: Progress, after: number) => {
      const ending = endings[writes.length] ?? null;
      writes.push({ types: batch.events.map(({ type }) => type), after });
      return ending === null ? Promise.resolve(after + batch.events.length) : Promise.reject(ending);
    },
    onLost: () => undefined,
    onFault: (error) => {
      faults.push(error);
      onFault();
    },
  });
  const tell = (reason: 'worker_stopping' | 'control_database_away'): void => {
    progress.add('handed_back', { reason }, new Date());
    recorder.changed();
  };
  return { recorder, progress, writes, faults, tell };
}

test('a batch without an answer goes again as it was, onto the same event, before what is new', async () => {
  const { recorder, writes, tell } = setup([AWAY, AWAY]);
  tell('worker_stopping');
  await expect.poll(() => writes.length).toBeGreaterThan(0);
  tell('control_database_away');
  await expect.poll(() => writes.length).toBe(4);
  await recorder.end();
  expect(writes).toEqual([
    { types: ['handed_back'], after: 2 },
    { types: ['handed_back'], after: 2 },
    { types: ['handed_back'], after: 2 },
    { types: ['handed_back'], after: 3 },
  ]);
});

test('what is in doubt when the run ends is cleared up first, and what is new is left to the end of the run', async () => {
  const { recorder, progress, writes, faults, tell } = setup([AWAY], () => void recorder.end());
  tell('worker_stopping');
  await expect.poll(() => faults).toEqual([AWAY]);
  await recorder.end();
  progress.add('handed_back', { reason: 'worker_stopping' }, new Date());
  await recorder.clearDoubt();
  await recorder.clearDoubt();
  expect(writes).toEqual([
    { types: ['handed_back'], after: 2 },
    { types: ['handed_back'], after: 2 },
  ]);
  expect(progress.isEmpty).toBe(false);
});

test('what is refused for its content is not sent again', async () => {
  const { recorder, writes, faults, tell } = setup([REFUSED]);
  tell('worker_stopping');
  await expect.poll(() => faults).toEqual([REFUSED]);
  await recorder.end();
  await recorder.clearDoubt();
  expect(writes).toHaveLength(1);
});
