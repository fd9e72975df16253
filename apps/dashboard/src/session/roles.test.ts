import { expect, test } from 'vitest';
import { roleMay } from './roles.ts';

test('who asks does not approve, and who approves does not ask', () => {
  const may = (role: string): boolean[] =>
    (['listRollouts', 'pauseRollout', 'approveRollout', 'createKey'] as const).map((call) => roleMay(role, call));
  expect(may('viewer')).toEqual([true, false, false, false]);
  expect(may('deployer')).toEqual([true, true, false, false]);
  expect(may('approver')).toEqual([true, false, true, false]);
  expect(may('admin')).toEqual([true, true, false, true]);
  expect(may('of a later version')).toEqual([false, false, false, false]);
});
