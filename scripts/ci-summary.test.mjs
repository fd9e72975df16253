import { expect, test } from 'vitest';
import { failuresOf, filesWorthAnotherRun, summarise, unsteadyOf, withSecondRun } from './ci-summary.mjs';

/** @param {string} name @param {...[status: string, fullName?: string, message?: string]} tests */
const file = (name, ...tests) => ({
  name,
  status: tests.some(([status]) => status === 'failed') ? 'failed' : 'passed',
  message: '',
  assertionResults: tests.map(([status, fullName = 'adds', message]) => ({
    status,
    fullName,
    failureMessages: message === undefined ? [] : [message],
  })),
});
const broken = (/** @type {string} */ name) => ({ ...file(name), status: 'failed', message: 'no such module' });
const run = (/** @type {number} */ exit, /** @type {ReturnType<typeof file>[]} */ ...testResults) => ({
  results: { testResults },
  exit,
});

const GREEN = file('libs/a.test.ts', ['passed'], ['passed'], ['passed']);
const RED = file('libs/b.test.ts', ['passed'], ['failed', 'takes away', 'expected 3 to be 4\n    at x.ts:7']);
const CHECKS = { passed: 6, failed: 0 };
const CHECKED = { counts: CHECKS, exit: 0 };

test('adds tests and checks', () => {
  expect(summarise(run(0, GREEN), CHECKED)).toEqual({ line: '9 passed, 0 failed', exitCode: 0 });
  const withSkipped = file('libs/c.test.ts', ['passed'], ['skipped'], ['todo']);
  expect(summarise(run(0, GREEN, withSkipped), CHECKED).line).toBe('10 passed, 0 failed, 2 skipped');
});

test('counts failed tests and failed checks', () => {
  const failedCheck = { counts: { passed: 5, failed: 1 }, exit: 1 };
  expect(summarise(run(1, GREEN, RED), failedCheck)).toEqual({ line: '9 passed, 2 failed', exitCode: 1 });
});

test('counts a test file that could not be loaded', () => {
  expect(summarise(run(1, GREEN, broken('libs/c.test.ts')), CHECKED)).toEqual({
    line: '9 passed, 1 failed',
    exitCode: 1,
  });
});

test('is never green when something ended with an error, or when nothing was run', () => {
  expect(summarise(run(1, GREEN), CHECKED)).toEqual({ line: '9 passed, 1 failed', exitCode: 1 });
  expect(summarise(run(0, GREEN), { counts: CHECKS, exit: 2 })).toEqual({ line: '9 passed, 1 failed', exitCode: 1 });
  expect(summarise({ results: null, exit: 1 }, { counts: null, exit: 1 })).toEqual({
    line: '0 passed, 2 failed',
    exitCode: 1,
  });
  expect(summarise(run(0), CHECKED).exitCode).toBe(1);
});

test('adds the experiments, and misses them where they were to be', () => {
  const tests = run(0, GREEN);
  expect(summarise(tests, CHECKED, { counts: { passed: 14, failed: 0 }, exit: 0 }).line).toBe('23 passed, 0 failed');
  expect(summarise(tests, CHECKED, { counts: { passed: 13, failed: 1 }, exit: 1 }).line).toBe('22 passed, 1 failed');
  expect(summarise(tests, CHECKED, { counts: null, exit: 1 }).line).toBe('9 passed, 1 failed');
});

test('names each test that failed and each file that could not be loaded', () => {
  expect(failuresOf(run(1, GREEN, RED, broken('libs/c.test.ts')).results, 'failed')).toEqual([
    'failed  libs/b.test.ts: takes away\n    expected 3 to be 4\n        at x.ts:7',
    'failed  libs/c.test.ts: could not be loaded\n    no such module',
  ]);
  expect(failuresOf(null, 'failed')).toEqual([]);
});

test('asks for a second run of a few files, and of none where many failed', () => {
  expect(filesWorthAnotherRun(run(1, GREEN, RED).results)).toEqual(['libs/b.test.ts']);
  expect(filesWorthAnotherRun(run(1, ...['a', 'b', 'c', 'd'].map(broken)).results)).toEqual([]);
  expect(filesWorthAnotherRun(null)).toEqual([]);
});

test('calls unsteady what failed once, and not what failed twice', () => {
  const first = run(1, GREEN, RED);
  const mended = file('libs/b.test.ts', ['passed'], ['passed', 'takes away']);
  expect(unsteadyOf(first, withSecondRun(first, run(0, mended)))).toEqual([
    'unsteady  libs/b.test.ts: takes away\n    expected 3 to be 4\n        at x.ts:7',
  ]);
  expect(unsteadyOf(first, withSecondRun(first, run(1, RED)))).toEqual([]);
  expect(unsteadyOf(first, first)).toEqual([]);
});

test('takes the second run of a file for what it is worth, and nothing else for it', () => {
  const mended = file('libs/b.test.ts', ['passed'], ['passed']);
  expect(summarise(withSecondRun(run(1, GREEN, RED), run(0, mended)), CHECKED).line).toBe('11 passed, 0 failed');
  expect(summarise(withSecondRun(run(1, GREEN, RED), run(1, RED)), CHECKED).line).toBe('10 passed, 1 failed');
  expect(summarise(withSecondRun(run(1, GREEN, RED), run(1)), CHECKED).line).toBe('10 passed, 1 failed');
  expect(summarise(withSecondRun(run(1, GREEN, RED), { results: null, exit: 1 }), CHECKED).line).toBe(
    '10 passed, 1 failed',
  );
  // The second run ended well without having run the file: the first one stands.
  expect(summarise(withSecondRun(run(1, GREEN, RED), run(0, GREEN)), CHECKED).exitCode).toBe(1);
});
