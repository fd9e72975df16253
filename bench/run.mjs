// Measures Postgres Manager beside its peers; see docs/benchmarks.md, which this program writes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { installPackages } from './install.mjs';
import { HELP, readOptions } from './options.mjs';
import { writeReport } from './report.mjs';

const RESULTS = new URL('results.json', import.meta.url);
const SCRATCH = new URL('.local/', import.meta.url);

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else if (options.report) writeReport(readResults());
  else await measure(options);
} catch (error) {
  console.error(`The benchmark stopped: ${error.message}`);
  process.exitCode = 1;
}

async function measure(options) {
  installPackages();
  const { measureAll } = await import('./measure-all.mjs');
  mkdirSync(SCRATCH, { recursive: true });
  const scratch = new URL('results.json', SCRATCH);
  const keep = (target) => (results) => writeFileSync(target, `${JSON.stringify(results, null, 1)}\n`);
  const results = await measureAll(options, keep(scratch), (line) => console.log(line));
  if (options.save) {
    const whole = options.add ? addComparisons(readResults(), results) : results;
    keep(RESULTS)(whole);
    writeReport(whole);
  } else {
    console.log(`\nKept in ${scratch.pathname}; the documents are as they were.`);
  }
}

/**
 * Comparisons over slow networks take the better part of an hour: they can be measured in a run of their own.
 * A comparison that is there already is replaced.
 */
function addComparisons(whole, added) {
  const key = ({ server, workload, network }) => `${server} ${workload} ${network.roundTripMs}`;
  const replaced = new Set(added.comparisons.map(key));
  const kept = whole.comparisons.filter((comparison) => !replaced.has(key(comparison)));
  const comparisons = [...kept, ...added.comparisons].sort((a, b) => a.network.roundTripMs - b.network.roundTripMs);
  return { ...whole, comparisons };
}

function readResults() {
  if (!existsSync(RESULTS)) throw new Error('bench/results.json is not there: run `npm run bench` first');
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}
