import { expect, test } from 'vitest';
import { type Standing, waitingFor } from './waiting-for.ts';

const QUEUED: Standing = { status: 'queued', notBefore: null, nextAttemptAt: null, waiting: null, predecessor: null };
const LOCK = { kind: 'lock', holder: 'backend 7', since: '2026-01-01T00:00:00.000Z' } as const;
const FIRST = { id: 'a', status: 'running' } as const;

test.each<[string, Partial<Standing>, ReturnType<typeof waitingFor>]>([
  [
    'its time',
    { status: 'scheduled', notBefore: 'T' },
    { kind: 'time', until: 'T', reason: 'It is not to begin before then.' },
  ],
  ['a worker', {}, { kind: 'worker' }],
  [
    'the one before it',
    { predecessor: FIRST, waiting: LOCK },
    { kind: 'predecessor', deploymentId: 'a', status: 'running' },
  ],
  ['the lock', { waiting: LOCK }, LOCK],
  [
    'the next try',
    { waiting: { kind: 'retry', reason: 'away' }, nextAttemptAt: 'T' },
    { kind: 'time', until: 'T', reason: 'away' },
  ],
  ['nothing: it runs', { status: 'running', waiting: LOCK }, null],
  ['nothing: it is final', { status: 'failed', waiting: LOCK }, null],
])('waits for %s', (_, standing, expected) => {
  expect(waitingFor({ ...QUEUED, ...standing })).toEqual(expected);
});
