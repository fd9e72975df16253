import { expect, test } from 'vitest';
import { abandonedRuns, runIdOf } from './run-ids.ts';

const OWN = '11111111-2222-4333-8444-555555555555';
const OTHER = '99999999-2222-4333-8444-555555555555';

test('a run’s id is short enough for pg_stat_activity', () => {
  expect(runIdOf(OWN, 3)).toBe('111111112222/3');
  expect(runIdOf(OWN, 2_147_483_647).length).toBeLessThanOrEqual(24);
});

test('earlier runs of this deployment were given up on, this one and later ones not', () => {
  const isAbandoned = abandonedRuns({ deploymentId: OWN, epoch: 3 }, []);
  expect([2, 3, 4].map((epoch) => isAbandoned(runIdOf(OWN, epoch)))).toEqual([true, false, false]);
});

test('of another deployment only runs that were known to be over', () => {
  const over = abandonedRuns({ deploymentId: OWN, epoch: 3 }, [{ deploymentId: OTHER, epoch: 5, isHeld: false }]);
  expect([4, 5, 6].map((epoch) => over(runIdOf(OTHER, epoch)))).toEqual([true, true, false]);
  const held = abandonedRuns({ deploymentId: OWN, epoch: 3 }, [{ deploymentId: OTHER, epoch: 5, isHeld: true }]);
  expect([4, 5, 6].map((epoch) => held(runIdOf(OTHER, epoch)))).toEqual([true, false, false]);
});

test('what is no run of this service is left alone', () => {
  const isAbandoned = abandonedRuns({ deploymentId: OWN, epoch: 3 }, []);
  for (const runId of [runIdOf(OTHER, 1), 'somebody', '111111112222', '111111112222/x', '/1']) {
    expect(isAbandoned(runId)).toBe(false);
  }
});
