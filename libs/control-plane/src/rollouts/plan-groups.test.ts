import { expect, test } from 'vitest';
import { type FoundAlike, planGroups } from './plan-groups.ts';

const found = (change: Partial<FoundAlike>): FoundAlike => ({
  state: 'succeeded',
  files: [],
  failure: null,
  count: 1,
  targets: ['t'],
  ...change,
});
const failure = (code: string, message: string, file: string | null = null) =>
  ({
    code,
    message,
    file,
    line: null,
    column: null,
    sourceLine: null,
    sqlstate: null,
    hint: '',
  }) as FoundAlike['failure'];

test('a plan says what most need, who is off, and who is in trouble, the trouble first', () => {
  const groups = planGroups([
    found({ count: 180, files: ['4', '5', '6', '7'] }),
    found({ count: 3, files: ['2', '3', '4', '5', '6', '7'] }),
    found({ count: 1, files: ['7'] }),
    found({ count: 9 }),
    found({ state: 'failed', failure: failure('changed_file', 'x', 'deployment/00002-b.sql') }),
    found({ state: 'failed', count: 2, failure: failure('unreachable', 'no connection within 5 s') }),
    found({ state: 'failed', failure: failure('missing_file', 'deployment/00009-z.sql is applied.') }),
    found({ state: 'pending', count: 4 }),
  ]);
  expect(groups.map(({ kind, says }) => `${kind}: ${says}`)).toEqual([
    'unreachable: 2 targets can’t be reached: no connection within 5 s',
    'changed: 1 target: deployment/00002-b.sql was changed after it was applied.',
    'refused: 1 target would refuse it: deployment/00009-z.sql is applied.',
    'needs: 180 targets need the same 4 files.',
    'current: 9 targets are up to date.',
    'behind: 3 targets are behind: 2 files more than most.',
    'ahead: 1 target needs other files than most: 1.',
    'not_seen: 4 targets are not looked at yet.',
  ]);
});
