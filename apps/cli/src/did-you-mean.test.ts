import { expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

it.each([
  ['stauts', 'status'],
  ['Validate', 'validate'],
  ['valdate', 'validate'],
  ['x', null],
  ['entirely', null],
  ['s'.repeat(1_000_000), null],
])('%s', (word, meant) => {
  expect(didYouMean(word, ['status', 'validate'])).toBe(meant);
});
