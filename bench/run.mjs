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
    const whole = options.add ? addResults(readResults(), results) : results;
    keep(RESULTS)(whole);
    writeReport(whole);
  } else {
    console.log(`\nKept in ${scratch.pathname}; the documents are as they were.`);
  }
}

/**
 * Comparisons over slow networks take the better part of an hour: they can be measured in a run of their own.
 * What is there already is replaced, and when and with what it was measured is noted.
 */
function addResults(whole, added) {
  const network = ({ server, workload, network: { roundTripMs } }) => `${server} ${workload} ${roundTripMs}`;
  const server = (measured) => measured.server;
  const comparisons = replaceLike(whole.comparisons, added.comparisons, network);
  const again = {
    date: added.date,
    version: added.versions['Postgres Manager'],
    what: [
      ...added.comparisons.map((c) => `${c.server} ${c.workload} at ${c.network.roundTripMs} ms`),
      ...added.nothingToDo.map((measured) => `${measured.server} nothing to do`),
      ...added.memory.map((measured) => `${measured.server} memory`),
    ],
  };
  return {
    ...whole,
    comparisons: comparisons.sort((a, b) => a.network.roundTripMs - b.network.roundTripMs),
    nothingToDo: replaceLike(whole.nothingToDo, added.nothingToDo, server),
    memory: replaceLike(whole.memory, added.memory, server),
    again: [...(whole.again ?? []), again],
  };
}

/** Each keeps its place; what is new comes last. */
function replaceLike(old, added, keyOf) {
  const fresh = new Map(added.map((measured) => [keyOf(measured), measured]));
  const kept = old.map((measured) => {
    const replacement = fresh.get(keyOf(measured));
    fresh.delete(keyOf(measured));
    return replacement ?? measured;
  });
  return [...kept, ...fresh.values()];
}

function readResults() {
  if (!existsSync(RESULTS)) throw new Error('bench/results.json is not there: run `npm run bench` first');
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}
