import { writeFileSync } from 'node:fs';
import { median } from '../statistics.mjs';
import { acceptingRatios, growth, judge } from './judge.mjs';

const DOCUMENT = new URL('../../docs/benchmarks-service.md', import.meta.url);

/** Writes docs/benchmarks-service.md from results as bench/service/results.json keeps them. */
export function writeReport(results) {
  writeFileSync(DOCUMENT, composeReport(results));
  console.log(`Wrote ${DOCUMENT.pathname}`);
}

export function printTargets(results) {
  console.log('');
  for (const { target, figure, met } of judge(results))
    console.log(`${met ? 'met    ' : 'NOT MET'}  ${target}: ${figure}`);
}

function composeReport(results) {
  const { sections } = results;
  return [
    '# Benchmarks of the service',
    '<!-- Written by `npm run bench:service` from bench/service/results.json: change bench/service/report.mjs, not this page. -->',
    `The API and the worker, each a process of its own, measured on ${results.date}. What is compared takes turns in one run; ` +
      'figures are medians of the rounds with the smallest and the largest, ratios are medians of the ratios of paired rounds. ' +
      `Control databases, targets, Redis, the load and the service share one machine and one server: ${results.server.label}, with ` +
      'its default settings, where every commit waits for the disk.',
    '## What was to be reached',
    table(
      ['target', 'measured', ''],
      judge(results).map(({ target, figure, met }) => [target, figure, met ? 'met' : '**not met**']),
    ),
    ...part('## Accepting', sections.accepting, accepting),
    ...part('## From the POST to the first statement', sections['first-statement'], firstStatement),
    ...part('## Many targets', sections['many-targets'], manyTargets),
    ...part('## A rollout', sections.rollout, rollout),
    ...part('## Asking for the history', sections.history, history),
    ...part('## Memory of a worker', sections.memory, memory),
    '## Machine and versions',
    machine(results),
    '## To repeat it',
    REPEAT,
    '',
  ].join('\n\n');
}

const REPEAT = `\`\`\`sh
npm run bench:service                                # everything; a quarter of an hour; writes this page
npm run bench:service -- --quick                     # small sizes, only printed
npm run bench:service -- --sections accepting,memory # see --help
npm run bench:service -- --report                    # this page anew from bench/service/results.json
\`\`\`

It starts a Postgres, a Redis, APIs and workers of its own on free ports, and removes them at the end.`;

function part(heading, measured, compose) {
  return measured === undefined ? [] : [heading, compose(measured)];
}

function accepting(measured) {
  const { requests, runs } = measured;
  const { perSecond, p99 } = acceptingRatios(measured);
  const row = (label, of) => [
    label,
    spread(
      of.map((r) => r.perSecond),
      0,
    ),
    ...ms(of, 'p50Ms'),
    ...ms(of, 'p99Ms'),
  ];
  return [
    `\`POST /v1/deployments\` with a known bundle for 500 targets in turn, while no worker runs: ${requests.toLocaleString('en')} requests a round over ` +
      'keep-alive connections (32) from a process of its own. Beside it `bench/service/bare-server.mjs`: Express, one INSERT, one `add` of ' +
      'BullMQ, the same pool size and body, no key, no checks, no audit, no events.',
    table(
      ['', 'requests/s', 'p50', 'p99'],
      [row('API', runs.api), row('bare server', runs.bare), ['ratio', perSecond.toFixed(2), '', p99.toFixed(2)]],
    ),
  ].join('\n\n');
}

function ms(runs, figure) {
  return [
    `${spread(
      runs.map((run) => run[figure]),
      1,
    )} ms`,
  ];
}

function firstStatement({ samples, p50Ms, p99Ms, leastMs }) {
  return (
    `One target on which nothing else goes on, ${samples} deployments one after the other, each of a bundle with one new file that ` +
    'inserts `clock_timestamp()`; compared with the clock of the client just before its POST: ' +
    `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, the least ${leastMs.toFixed(0)} ms.`
  );
}

function sayWarmed(deployments) {
  return `Before, API and worker have made ${deployments} deployments to other databases: they run for months, where xargs runs once.`;
}

function manyTargets({ targets, parallelism, warmedBy, first, again, workerPeakBytes }) {
  const seconds = (times) =>
    `${spread(
      times.map((time) => time / 1000),
      2,
    )} s`;
  const row = (label, name) => [label, seconds(first[name]), seconds(again[name])];
  return [
    `One file with a table, an index and a row, to each of ${targets} fresh databases, and then a second one: through the service from the first POST until all are ` +
      `final, with one worker at CONCURRENCY=${parallelism}, beside \`xargs -P ${parallelism} -n 1 psql -1 -f\`. ${first.service.length} rounds. ${sayWarmed(warmedBy)} The service also makes its ledger ` +
      `in each target on first contact, keeps it from then on, and keeps the history. psql does the same work where it keeps a ledger too: a lock, a table, a row for the file, in the file's transaction. The worker's peak resident memory: ${(workerPeakBytes / 1e6).toFixed(0)} MB.`,
    table(
      ['', 'on first contact', 'from then on'],
      [
        row('Postgres Manager', 'service'),
        ...(first.psql.length > 0
          ? [row('xargs and psql, the file alone', 'psql'), row('xargs and psql, keeping a ledger', 'psqlWithLedger')]
          : []),
      ],
    ),
  ].join('\n\n');
}

function rollout({ parallelism, maxParallel, warmedBy, sizes }) {
  const seconds = (times) => (times === null ? '' : times.map((time) => `${(time / 1000).toFixed(2)} s`).join(', '));
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    'The same two files in two rollouts, one after the other (a canary, a tenth, the rest), to fresh databases, one in fifty of which fails: its tables are there ' +
      `already, or the database is not. From the POST until the rollout has ended, with one worker at CONCURRENCY=${parallelism}, which is how many it works on at a time, and \`maxParallel\` ${maxParallel}, so that the next are at hand, beside ` +
      `\`xargs -P ${parallelism} -n 1 psql -1 -f\`. The ledger is the one of the section above. ${sayWarmed(warmedBy)} The outcome is checked target by target. Memory is peak resident memory.`,
    table(
      [
        'targets',
        'first and second rollout',
        'psql, the file alone',
        'psql, keeping a ledger',
        'transactions a target',
        'API',
        'worker',
      ],
      sizes.map((size) => [
        size.targets.toLocaleString('en'),
        seconds(size.ms.service),
        seconds(size.ms.psql),
        seconds(size.ms.psqlWithLedger),
        size.transactionsPerTarget.toFixed(1),
        mb(size.apiPeakBytes),
        mb(size.workerPeakBytes),
      ]),
    ),
  ].join('\n\n');
}

function history({ samples, page, sizes, mixtures }) {
  const rows = mixtures.map((m) => [
    m.label,
    ...m.p95Ms.map((p95, i) => `${p95.toFixed(1)} (${m.p50Ms[i].toFixed(1)})`),
    growth(m).toFixed(2),
  ]);
  return [
    `\`GET /v1/deployments?limit=${page}\` over HTTP: p95 (p50) in ms of ${samples} requests, one at a time; the sizes, each an API and a ` +
      'control database of its own, take turns with each request. Every page is full at every size. The ratio is that of the p95 at the largest to that at the smallest.',
    table(['filters', ...sizes.map((size) => `${size.toLocaleString('en')} rows`), 'ratio'], rows),
  ].join('\n\n');
}

function memory({ concurrency, deployments, mostAtOnce, idleBytes, peakBytes }) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  return (
    `A worker with CONCURRENCY=${concurrency}, ${deployments} deployments of 20 files each, as many at a time as it takes (${mostAtOnce} were running at ` +
    `once); peak resident memory as the kernel counts it (VmHWM): ${mb(peakBytes)}, after its start ${mb(idleBytes)}.`
  );
}

function machine({ machine: m, versions, server, sections }) {
  const others = Object.entries(sections).filter(
    ([, { measuredWith }]) => measuredWith !== versions['Postgres Manager'],
  );
  return [
    `- ${m.cores} cores (${m.cpu}), ${(m.memoryBytes / 1024 ** 3).toFixed(0)} GiB of memory, ${m.system}, ${m.distribution}; shared with other work`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `- ${server.label}; an 8 KB write reaches its storage in ${server.flushMs.toFixed(2)} ms`,
    ...others.map(([section, { measuredWith }]) => `- ${section}: measured with ${measuredWith}`),
  ].join('\n');
}

/** Median (smallest–largest). */
function spread(values, digits) {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((v) =>
    v.toFixed(digits),
  );
  return values.length === 1 ? middle : `${middle} (${least}–${most})`;
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
