import { describe, expect, test } from 'vitest';
import { explain } from './explain.ts';
import { fileMatrix } from './file-matrix.ts';
import { filterTargets } from './filter-targets.ts';
import type { FleetTarget } from './fleet.ts';
import { groupTargets, oddOnesOut } from './group-targets.ts';

const target = (name: string, changes: Partial<FleetTarget> = {}): FleetTarget => ({
  target: name,
  labels: {},
  state: 'current',
  ordinal: 3,
  lastFile: 'deployment/00003-d.sql',
  pending: 0,
  changed: [],
  missing: [],
  fingerprint: 'aa',
  lastDeployment: null,
  lastContact: '2026-01-01T00:00:00.000Z',
  ...changes,
});

describe('the odd ones out', () => {
  test('are those that have other files applied than most', () => {
    const odd = oddOnesOut([target('a'), target('b'), target('c', { fingerprint: 'bb' })]);
    expect([...odd]).toEqual(['c']);
  });

  test('are nobody where no state has a majority, and never those that were not seen', () => {
    expect(oddOnesOut([target('a'), target('b', { fingerprint: 'bb' })]).size).toBe(0);
    expect(oddOnesOut([target('a'), target('b', { fingerprint: null })]).size).toBe(0);
  });
});

test('groups come in natural order, those without the label last', () => {
  const groups = groupTargets(
    [target('a'), target('b', { labels: { shard: '10' } }), target('c', { labels: { shard: '9' } })],
    'shard',
  );
  expect(groups.map(({ value, targets }) => [value, targets.map(({ target: name }) => name)])).toEqual([
    ['9', ['c']],
    ['10', ['b']],
    [null, ['a']],
  ]);
});

test('the states are counted before they are filtered by', () => {
  const fleet = [
    target('a', { labels: { env: 'prod' }, state: 'behind' }),
    target('b', { labels: { env: 'prod' } }),
    target('c', { labels: { env: 'test' } }),
  ];
  const { shown, counts } = filterTargets(fleet, {
    labels: ['env:prod'],
    ordinal: null,
    name: '',
    states: ['behind'],
  });
  expect(shown.map(({ target: name }) => name)).toEqual(['a']);
  expect(counts).toEqual({ behind: 1, current: 1 });
});

test('the files of a target stand as the service says, letter by letter', () => {
  const { files, states } = fileMatrix({
    bundle: null,
    legend: {},
    files: ['deployment/00002-a.sql', 'deployment/00003-b.sql'].map((path) => ({ path, sha256: null })),
    targets: [
      { target: 'a', states: 'am' },
      { target: 'b', states: 'f?' },
    ],
  });
  expect(files.map(({ ordinal }) => ordinal)).toEqual(['00002', '00003']);
  expect([states.get('a'), states.get('b')]).toEqual([
    ['applied', 'missing'],
    ['failed', 'never_seen'],
  ]);
});

test('each state says why, and what comes next', () => {
  const states: FleetTarget['state'][] = ['never_seen', 'moving', 'failed', 'changed', 'behind', 'current', 'seen'];
  for (const state of states) {
    const { why, next } = explain(target('a', { state, changed: ['x'], pending: 2 }), true);
    expect([state, why.endsWith('.'), next.length > 10]).toEqual([state, true, true]);
  }
});
