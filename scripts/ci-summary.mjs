// The last line of a CI run: what the tests, the checks and the experiments came to, together.
// node scripts/ci-summary.mjs TESTS.json TEST_EXIT_CODE CHECKS.json CHECK_EXIT_CODE CHAOS.json CHAOS_EXIT_CODE
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Counts */
/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */
/**
 * @typedef {object} TestResults what vitest's JSON reporter writes, in part
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {TestFile[]} testResults
 */

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [tests = '', testExit, checks = '', checkExit, chaos = '', chaosExit] = process.argv.slice(2);
  const summary = summarise(
    { results: readJson(tests), exit: Number(testExit) },
    { counts: readJson(checks), exit: Number(checkExit) },
    { counts: readJson(chaos), exit: Number(chaosExit) },
  );
  console.log(summary.line);
  process.exitCode = summary.exitCode;
}

/**
 * Never calls green what ended with an error, though no single test or check be counted as failed.
 * @param {{ results: TestResults | null, exit: number }} tests null when vitest wrote nothing
 * @param {...{ counts: Counts | null, exit: number }} others checks and experiments; null when they wrote no counts
 */
export function summarise(tests, ...others) {
  const parts = [
    accountFor(countTests(tests.results), tests.exit),
    ...others.map(({ counts, exit }) => accountFor(counts ?? NOTHING, exit)),
  ];
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  const skipped = parts.reduce((sum, part) => sum + (part.skipped ?? 0), 0);
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, exitCode: failed === 0 ? 0 : 1 };
}

const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {TestResults | null} tests
 * @returns {Counts}
 */
function countTests(tests) {
  if (tests === null) return NOTHING;
  // A file that could not be loaded has failed without a test of its own having failed.
  const brokenFiles = tests.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: tests.numPassedTests,
    failed: tests.numFailedTests + brokenFiles.length,
    skipped: tests.numPendingTests + tests.numTodoTests,
  };
}

/**
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
function accountFor(counts, exitCode) {
  const unexplained = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return unexplained ? { ...counts, failed: 1 } : counts;
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
