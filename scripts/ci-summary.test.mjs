import { expect, test } from 'vitest';
import { summarise } from './ci-summary.mjs';

const GREEN = { numPassedTests: 40, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const CHECKS = { passed: 6, failed: 0 };

test('adds tests and checks', () => {
  expect(summarise(GREEN, 0, CHECKS, 0)).toEqual({ line: '46 passed, 0 failed', exitCode: 0 });
  expect(summarise({ ...GREEN, numPendingTests: 2 }, 0, CHECKS, 0).line).toBe('46 passed, 0 failed, 2 skipped');
});

test('counts failed tests and failed checks', () => {
  const red = { ...GREEN, numPassedTests: 38, numFailedTests: 2 };
  expect(summarise(red, 1, { passed: 5, failed: 1 }, 1)).toEqual({ line: '43 passed, 3 failed', exitCode: 1 });
});

test('counts a test file that could not be loaded', () => {
  const broken = { ...GREEN, testResults: [{ status: 'failed', assertionResults: [] }] };
  expect(summarise(broken, 1, CHECKS, 0)).toEqual({ line: '46 passed, 1 failed', exitCode: 1 });
});

test('is never green when something ended with an error, or when nothing was run', () => {
  expect(summarise(GREEN, 1, CHECKS, 0)).toEqual({ line: '46 passed, 1 failed', exitCode: 1 });
  expect(summarise(GREEN, 0, CHECKS, 2)).toEqual({ line: '46 passed, 1 failed', exitCode: 1 });
  expect(summarise(null, 1, null, 1)).toEqual({ line: '0 passed, 2 failed', exitCode: 1 });
  expect(summarise({ ...GREEN, numPassedTests: 0 }, 0, CHECKS, 0).exitCode).toBe(1);
});
