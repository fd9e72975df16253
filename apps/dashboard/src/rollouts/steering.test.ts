import { describe, expect, test } from 'vitest';
import { actionsFor, mayChangeBundle, maySkip } from './steering.ts';
import { waitingBrief, waitingText } from './waiting-text.ts';

const COUNTS = {
  pending: 3,
  started: 0,
  succeeded: 1,
  failed: 0,
  needs_attention: 0,
  cancelled: 0,
  skipped: 0,
};
const FAILED = { ...COUNTS, failed: 1 };

describe('what can be done with a rollout', () => {
  test.each([
    ['running', COUNTS, null, ['pause', 'cancel']],
    ['running', FAILED, null, ['retry', 'pause', 'cancel']],
    ['running', COUNTS, 'promotion', ['promote', 'pause', 'cancel']],
    ['running', COUNTS, 'time', ['promote', 'pause', 'cancel']],
    ['scheduled', COUNTS, 'time', ['pause', 'cancel']],
    ['awaiting_approval', COUNTS, 'wave_approval', ['pause', 'cancel']],
    ['paused', COUNTS, 'resume', ['resume', 'cancel']],
    ['stopped', FAILED, 'resume', ['resume', 'retry', 'cancel']],
    ['failed', FAILED, null, ['retry']],
    ['succeeded', COUNTS, null, []],
    ['cancelled', FAILED, null, []],
    ['cancelling', FAILED, 'targets', []],
  ] as const)('%s', (status, counts, waits, actions) => {
    expect(actionsFor({ status, counts, waitingFor: waits === null ? null : { kind: waits } })).toEqual(actions);
  });

  test('another bundle while nothing of it runs', () => {
    expect(
      (['running', 'pausing', 'paused', 'stopped', 'failed'] as const).map((status) => mayChangeBundle({ status })),
    ).toEqual([false, false, true, true, true]);
  });

  test('targets that have not succeeded are skipped, while it has not ended well', () => {
    expect(maySkip('running', 'pending')).toBe(true);
    expect(maySkip('failed', 'needs_attention')).toBe(true);
    expect(maySkip('running', 'started')).toBe(false);
    expect(maySkip('running', 'succeeded')).toBe(false);
    expect(maySkip('cancelled', 'failed')).toBe(false);
  });
});

test('what is waited for is said for people, a kind that is not known by its reason', () => {
  expect(waitingText({ kind: 'promotion', wave: 2 })).toBe('Waits for somebody to promote wave 2.');
  expect(waitingText({ kind: 'resume', reason: 'It was paused.' })).toBe('Waits to be resumed: it was paused.');
  expect(waitingText({ kind: 'freeze', by: 'ops', reason: 'an incident' })).toBe('Frozen by ops: an incident');
  expect(waitingText({ kind: 'wave_approval', wave: 2, count: 3, reason: 'Protected.' })).toBe(
    'Waits for an approval of wave 2: protected.',
  );
  expect(waitingText({ kind: 'wave_approval', wave: null, count: 1, reason: 'Protected.' })).toBe(
    '1 deployment waits, each for its own approval: protected.',
  );
  expect(waitingText({ kind: 'approval', reason: 'Protected.' })).toBe('Waits for an approval: protected.');
  expect(waitingText({ kind: 'new_kind', reason: 'For good reasons.' })).toBe('For good reasons.');
  expect(waitingText({ kind: 'new_kind' })).toBe('Waits: new kind.');
});

test('in a list it is said in a few words', () => {
  expect(waitingBrief({ kind: 'resume', reason: 'It was paused.' })).toBe('somebody to resume it');
  expect(waitingBrief({ kind: 'wave_approval', wave: 2 })).toBe('approval of wave 2');
  expect(waitingBrief({ kind: 'wave_approval', wave: null, count: 2 })).toBe('2 approvals');
  expect(waitingBrief({ kind: 'new_kind' })).toBe('Waits: new kind.');
});
