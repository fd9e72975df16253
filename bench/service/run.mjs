// Measures the service, API and worker as processes of their own; see docs/benchmarks-service.md, which this program writes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { installPackages } from '../install.mjs';
import { HELP, readOptions } from './options.mjs';
import { printTargets, writeReport } from './report.mjs';

const RESULTS = new URL('results.json', import.meta.url);
const SCRATCH = new URL('../.local/', import.meta.url);

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
  const scratch = new URL('service-results.json', SCRATCH);
  const measured = await measureAll(
    options,
    (soFar) => keep(scratch, soFar),
    (line) => console.log(line),
  );
  printTargets(measured);
  if (options.save) {
    const whole = options.add && existsSync(RESULTS) ? addResults(readResults(), measured) : measured;
    keep(RESULTS, whole);
    writeReport(whole);
  } else {
    console.log(`\nKept in ${scratch.pathname}; the document is as it was.`);
  }
}

function addResults(whole, added) {
  return { ...added, sections: { ...whole.sections, ...added.sections } };
}

function keep(file, results) {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

function readResults() {
  if (!existsSync(RESULTS))
    throw new Error('bench/service/results.json is not there: run `npm run bench:service` first');
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}
