import { describe, expect, test } from 'vitest';
import { explain } from './explain.ts';
import { fileStates, lastFiles } from './file-matrix.ts';
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

describe('the files of a target', () => {
  const files = lastFiles(['create/a.sql', ...[0, 1, 2, 3, 4, 5].map((n) => `deployment/0000${n}-x.sql`)], 4);

  test('are the last of the bundle, in order', () => {
    expect(files.map(({ ordinal }) => ordinal)).toEqual([2, 3, 4, 5]);
  });

  test('are applied up to its ordinal; the next is the one that failed or runs', () => {
    expect(fileStates(target('a'), files)).toEqual(['applied', 'applied', 'pending', 'pending']);
    expect(fileStates(target('a', { state: 'failed' }), files)).toEqual(['applied', 'applied', 'failed', 'pending']);
    expect(fileStates(target('a', { changed: ['deployment/00002-x.sql'] }), files)[0]).toBe('changed');
    expect(fileStates(target('a', { fingerprint: null }), files)).toEqual(Array(4).fill('unknown'));
  });
});

test('each state says why, and what comes next', () => {
  const states: FleetTarget['state'][] = ['never_seen', 'moving', 'failed', 'changed', 'behind', 'current', 'seen'];
  for (const state of states) {
    const { why, next } = explain(target('a', { state, changed: ['x'], pending: 2 }), true);
    expect([state, why.endsWith('.'), next.length > 10]).toEqual([state, true, true]);
  }
});
