// Measures Postgres Manager beside its peers; see docs/benchmarks.md, which this program writes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { installPackages } from './install.mjs';
import { HELP, readOptions } from './options.mjs';
import { writeReport } from './report.mjs';

const RESULTS = new URL('results.json', import.meta.url);
const SCRATCH = new URL('.local/', import.meta.url);

const options = readOptions(process.argv.slice(2));
if (options.help) console.log(HELP);
else if (options.report) writeReport(readResults());
else await measure();

async function measure() {
  installPackages();
  const { measureAll } = await import('./measure-all.mjs');
  const results = await measureAll(options, (line) => console.log(line));
  mkdirSync(SCRATCH, { recursive: true });
  const target = options.save ? RESULTS : new URL('results.json', SCRATCH);
  writeFileSync(target, `${JSON.stringify(results, null, 1)}\n`);
  if (options.save) writeReport(results);
  else console.log(`\nKept in ${target.pathname}; the documents are as they were.`);
}

function readResults() {
  if (!existsSync(RESULTS)) throw new Error('bench/results.json is not there: run `npm run bench` first');
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}
