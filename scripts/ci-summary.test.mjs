import { expect, test } from 'vitest';
import { summarise } from './ci-summary.mjs';

const GREEN = { numPassedTests: 40, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const CHECKS = { passed: 6, failed: 0 };

test('adds tests and checks', () => {
  expect(summarise({ results: GREEN, exit: 0 }, { counts: CHECKS, exit: 0 })).toEqual({
    line: '46 passed, 0 failed',
    exitCode: 0,
  });
  expect(summarise({ results: { ...GREEN, numPendingTests: 2 }, exit: 0 }, { counts: CHECKS, exit: 0 }).line).toBe(
    '46 passed, 0 failed, 2 skipped',
  );
});

test('counts failed tests and failed checks', () => {
  const red = { ...GREEN, numPassedTests: 38, numFailedTests: 2 };
  expect(summarise({ results: red, exit: 1 }, { counts: { passed: 5, failed: 1 }, exit: 1 })).toEqual({
    line: '43 passed, 3 failed',
    exitCode: 1,
  });
});

test('counts a test file that could not be loaded', () => {
  const broken = { ...GREEN, testResults: [{ status: 'failed', assertionResults: [] }] };
  expect(summarise({ results: broken, exit: 1 }, { counts: CHECKS, exit: 0 })).toEqual({
    line: '46 passed, 1 failed',
    exitCode: 1,
  });
});

test('is never green when something ended with an error, or when nothing was run', () => {
  expect(summarise({ results: GREEN, exit: 1 }, { counts: CHECKS, exit: 0 })).toEqual({
    line: '46 passed, 1 failed',
    exitCode: 1,
  });
  expect(summarise({ results: GREEN, exit: 0 }, { counts: CHECKS, exit: 2 })).toEqual({
    line: '46 passed, 1 failed',
    exitCode: 1,
  });
  expect(summarise({ results: null, exit: 1 }, { counts: null, exit: 1 })).toEqual({
    line: '0 passed, 2 failed',
    exitCode: 1,
  });
  expect(summarise({ results: { ...GREEN, numPassedTests: 0 }, exit: 0 }, { counts: CHECKS, exit: 0 }).exitCode).toBe(
    1,
  );
});

test('adds the experiments, and misses them where they were to be', () => {
  const tests = { results: GREEN, exit: 0 };
  const checks = { counts: CHECKS, exit: 0 };
  expect(summarise(tests, checks, { counts: { passed: 14, failed: 0 }, exit: 0 }).line).toBe('60 passed, 0 failed');
  expect(summarise(tests, checks, { counts: { passed: 13, failed: 1 }, exit: 1 }).line).toBe('59 passed, 1 failed');
  expect(summarise(tests, checks, { counts: null, exit: 1 }).line).toBe('46 passed, 1 failed');
});
