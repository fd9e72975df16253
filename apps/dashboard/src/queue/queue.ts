import type { Answer } from '../api/client.ts';

export type Queue = Answer<'getQueue'>;
export type QueueReason = Queue['reasons'][number];
export type QueueLine = Queue['lines'][number];
export type Worker = Answer<'listWorkers'>['items'][number];

const REASONS: Readonly<Record<string, string>> = {
  time: 'their time',
  predecessor: 'the one before them on their target',
  lock: 'the target’s lock',
  worker: 'a worker that has room',
  freeze: 'the end of a freeze',
  approval: 'an approval',
};

/** What deployments of a reason wait for, in words. */
export function reasonText(kind: string): string {
  return REASONS[kind] ?? kind.replaceAll('_', ' ');
}
