import type { Answer } from '../api/client.ts';

export type Queue = Answer<'getQueue'>;
export type QueueReason = Queue['reasons'][number];
export type QueueLine = Queue['lines'][number];
export type Worker = Answer<'listWorkers'>['items'][number];

/** For one, and for many. */
const REASONS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  time: ['waits for its time', 'wait for their time'],
  predecessor: ['waits for the one before it on its target', 'wait for the one before them on their target'],
  lock: ['waits for its target’s lock', 'wait for their target’s lock'],
  worker: ['waits for a worker that has room', 'wait for a worker that has room'],
  freeze: ['waits for the end of a freeze', 'wait for the end of a freeze'],
  approval: ['waits for an approval', 'wait for an approval'],
};

/** What so many deployments wait for, in words. */
export function reasonText(kind: string, count: number): string {
  const [one, many] = REASONS[kind] ?? [`waits: ${kind.replaceAll('_', ' ')}`, `wait: ${kind.replaceAll('_', ' ')}`];
  return count === 1 ? one : many;
}
