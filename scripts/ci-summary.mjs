// The end of a CI run: what failed, by name, and the sum of tests, checks and experiments in the last line.
// node scripts/ci-summary.mjs TESTS.json TEST_EXIT_CODE CHECKS.json CHECK_EXIT_CODE CHAOS.json CHAOS_EXIT_CODE [AGAIN.json AGAIN_EXIT_CODE]
// node scripts/ci-summary.mjs --again TESTS.json    the files worth a second run, one a line
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Counts */
/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test */
/** @typedef {{ name: string, status: string, message: string, assertionResults: Test[] }} TestFile */
/** @typedef {{ testResults: TestFile[] }} TestResults what vitest's JSON reporter writes, in part */
/** @typedef {{ results: TestResults | null, exit: number }} TestRun results: null when vitest wrote nothing */

/** More than these fail for a reason, and not by chance. */
const MOST_FILES_AGAIN = 3;
const MESSAGE_LINES = 25;
const NOTHING = { passed: 0, failed: 0, skipped: 0 };

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [first = '', ...rest] = process.argv.slice(2);
  if (first === '--again') {
    for (const file of filesWorthAnotherRun(readJson(rest[0] ?? ''))) console.log(file);
  } else {
    const [testExit, checks = '', checkExit, chaos = '', chaosExit, again, againExit] = rest;
    const run = { results: readJson(first), exit: Number(testExit) };
    const tests = again === undefined ? run : withSecondRun(run, { results: readJson(again), exit: Number(againExit) });
    const summary = summarise(
      tests,
      { counts: readJson(checks), exit: Number(checkExit) },
      { counts: readJson(chaos), exit: Number(chaosExit) },
    );
    // Only the end of a long log may be at hand: what failed stands there once more.
    for (const text of [...unsteadyOf(run, tests), ...failuresOf(tests.results, 'failed')]) console.log(`${text}\n`);
    console.log(summary.line);
    process.exitCode = summary.exitCode;
  }
}

/**
 * Never calls green what ended with an error, though no single test or check be counted as failed.
 * @param {TestRun} tests
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

/**
 * The files in which something failed, if they are few enough for a second run to tell chance from fault.
 * @param {TestResults | null} results
 */
export function filesWorthAnotherRun(results) {
  const failed = (results?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length > MOST_FILES_AGAIN ? [] : failed;
}

/**
 * The files of a second run take the place of those of the first. A first run that failed otherwise stays failed.
 * @param {TestRun} first
 * @param {TestRun} second
 * @returns {TestRun}
 */
export function withSecondRun(first, second) {
  if (first.results === null || second.results === null) return first;
  const again = new Map(second.results.testResults.map((file) => [file.name, file]));
  const testResults = first.results.testResults.map((file) => again.get(file.name) ?? file);
  return { results: { testResults }, exit: second.exit };
}

/**
 * What failed in the first run and not in what has taken its place.
 * @param {TestRun} first
 * @param {TestRun} tests as `withSecondRun` gave it
 */
export function unsteadyOf(first, tests) {
  const nameOf = (/** @type {string} */ text) => text.split('\n', 1)[0];
  const still = new Set(failuresOf(tests.results, 'unsteady').map(nameOf));
  return failuresOf(first.results, 'unsteady').filter((text) => !still.has(nameOf(text)));
}

/**
 * What failed among the tests, each with its file, its name and how its message begins.
 * @param {TestResults | null} results
 * @param {'failed' | 'unsteady'} word
 * @returns {string[]} one text for each failed test and for each file that could not be loaded
 */
export function failuresOf(results, word) {
  return (results?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [failure(word, name, 'could not be loaded', message)];
    return failed.map((test) => failure(word, name, test.fullName, test.failureMessages.join('\n')));
  });
}

/**
 * @param {string} word
 * @param {string} file
 * @param {string} name
 * @param {string} message
 */
function failure(word, file, name, message) {
  const beginning = message.split('\n').slice(0, MESSAGE_LINES);
  return [`${word}  ${relative(process.cwd(), file)}: ${name}`, ...beginning.map((line) => `    ${line}`)].join('\n');
}

/**
 * @param {TestResults | null} results
 * @returns {Counts}
 */
function countTests(results) {
  const counts = { ...NOTHING };
  for (const { status, assertionResults } of results?.testResults ?? []) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    counts.passed += passed;
    counts.skipped += assertionResults.length - passed - failed;
    // A file that could not be loaded has failed without a test of its own having failed.
    counts.failed += failed === 0 && status === 'failed' ? 1 : failed;
  }
  return counts;
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
