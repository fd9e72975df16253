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
    keep(RESULTS)(results);
    writeReport(results);
  } else {
    console.log(`\nKept in ${scratch.pathname}; the documents are as they were.`);
  }
}

function readResults() {
  if (!existsSync(RESULTS)) throw new Error('bench/results.json is not there: run `npm run bench` first');
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}
