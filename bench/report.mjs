import { writeFileSync } from 'node:fs';
import { allContenders } from './contenders/index.mjs';
import { drawBars } from './plot.mjs';
import { median, pairedRatio } from './statistics.mjs';
import { judge, ratioTo } from './targets.mjs';

const DOCS = new URL('../docs/', import.meta.url);
const PLOT_NAME = 'benchmarks.svg';
const TOOL = 'postgres-manager';

/**
 * Writes benchmarks.md and its plot from the results.
 * @param results as bench/results.json keeps them
 * @param {URL} [folder] where to; docs/ unless told
 */
export function writeReport(results, folder = DOCS) {
  writeFileSync(new URL('benchmarks.md', folder), composeReport(results));
  writeFileSync(new URL(PLOT_NAME, folder), composePlot(results));
  console.log(`Wrote benchmarks.md and ${PLOT_NAME} in ${folder.pathname}`);
}

function composeReport(results) {
  const contenders = allContenders('psql').filter(({ id }) =>
    results.comparisons.some(({ runs }) => runs[id]?.length > 0),
  );
  const main = results.servers[0];
  return [
    '# Benchmarks',
    '<!-- Written by `npm run bench` from bench/results.json: change bench/report.mjs, not this page. -->',
    `Postgres Manager beside what else brings a folder of SQL files to a database, measured side by side on ${results.date}. ` +
      'Times are of whole processes, from start to exit, each on a fresh database. Runs are interleaved (A B C, A B C, …), ' +
      `figures are medians of ${results.rounds} runs with the smallest and the largest; where the network makes a contender ` +
      'slow it is run less often, and its cell says how often. ×n is the time as a multiple of that of Postgres Manager.',
    `![Bars: seconds per contender, by workload and network](${PLOT_NAME})`,
    '## What was to be reached',
    targetsTable(judge(results)),
    whyNotMet(results),
    `## On ${main.label}`,
    'Default settings of the server: every commit waits for the disk.',
    ...results.workloads.flatMap((workload) => mainTable(results, main, workload, contenders)),
    '## On other servers, over loopback',
    ...results.workloads.flatMap((workload) => otherServersTable(results, workload, contenders)),
    '## A second run with nothing to do',
    nothingToDo(results),
    '## Memory for one large file',
    memory(results),
    '## How each was set up',
    contenders.map(({ label, setup }) => `- **${label}**: ${setup}.`).join('\n'),
    SETUP,
    '## Machine and versions',
    machine(results),
    '## To repeat it',
    REPEAT,
    '',
  ].join('\n\n');
}

const SETUP = `All get the same statements, each in its own naming and form, the same DSN (password authentication over TCP, \
\`sslmode=disable\`) and a database copied from the same empty template, after a checkpoint. After each run the tables, \
indexes, functions, rows and so on that the files should leave behind are counted, as well as the rows in the runner's \
own ledger; a wrong count ends the benchmark.

Postgres Manager does not wait for the disk at each commit: a step and its ledger row are lost or kept together, and it \
reports success only after everything is flushed. The others wait each time, which is their default; the session \
"async commits" shows what that is worth.

The slow network is a proxy of the benchmark's own (\`bench/delay-proxy.mjs\`): each byte arrives half a round trip after \
it was sent, connecting costs one round trip, bandwidth is not limited, nothing is lost.`;

const REPEAT = `\`\`\`sh
npm run bench                                      # everything; about an hour; writes this page
npm run bench -- --quick                           # one round, only printed
npm run bench -- --only postgres-manager,dbmate    # see --help
npm run bench -- --report                          # this page anew from bench/results.json
\`\`\`

It installs the other runners into \`bench/node_modules\`, starts servers of its own on free ports, and removes them at the \
end. The contenders with psql and the distribution's server need Debian's or Ubuntu's \`postgresql\` package; without it \
the embedded server of the npm package is used and psql is left out.`;

function targetsTable(judged) {
  const rows = judged.map(({ target, figure, met }) => `| ${target} | ${figure} | ${met ? 'met' : '**not met**'} |`);
  return ['| target | measured | |', '|---|---|---|', ...rows].join('\n');
}

function mainTable(results, server, workload, contenders) {
  const columns = results.comparisons.filter((c) => c.server === server.id && c.workload === workload.id);
  return comparisonTable(`### ${workload.label}`, columns, networkTitle, contenders);
}

function otherServersTable(results, workload, contenders) {
  const columns = results.comparisons.filter((c) => c.workload === workload.id && c.network.roundTripMs === 0);
  const title = ({ server }) => results.servers.find(({ id }) => id === server).label;
  return comparisonTable(`### ${workload.label}`, columns, title, contenders);
}

function comparisonTable(heading, columns, title, contenders) {
  if (columns.length === 0) return [];
  const rows = contenders.map(({ id, label }) => [label, ...columns.map((column) => cell(column, id))]);
  return [heading, table(['', ...columns.map(title)], rows)];
}

/** Median, spread, number of runs where it matters, and the ratio. */
function cell(comparison, contender) {
  const times = comparison.runs[contender] ?? [];
  if (times.length === 0) return '–';
  const most = Math.max(...Object.values(comparison.runs).map((runs) => runs.length));
  const spread = `${seconds(Math.min(...times))}–${seconds(Math.max(...times))}`;
  const fewer = times.length === 1 ? '1 run' : `${spread}, ${times.length} runs`;
  const ratio = ratioTo(comparison, contender);
  const multiple = contender === TOOL || ratio === null ? '' : ` ×${(1 / ratio).toFixed(2)}`;
  return `${seconds(median(times))} s (${times.length === most && most > 1 ? spread : fewer})${multiple}`;
}

function networkTitle({ network }) {
  const name = network.roundTripMs === 0 ? 'loopback' : `${network.roundTripMs} ms round trip`;
  return `${name} (SELECT 1: ${network.measuredMs.toFixed(2)} ms)`;
}

function nothingToDo(results) {
  const rows = results.nothingToDo.map(({ server, runs }) => [
    results.servers.find(({ id }) => id === server).label,
    ...(runs.tool.length === 0
      ? ['–', ms(runs.bare), '–']
      : [ms(runs.tool), ms(runs.bare), pairedRatio(runs.tool, runs.bare).toFixed(2)]),
  ]);
  const { runs, files } = results.nothingToDo[0] ?? { runs: { bare: [] }, files: 0 };
  return [
    `After ${files} files are applied, the same command again, beside a bare Node program that connects with pg and runs one ` +
      `query (\`bench/programs/connect-and-ask.mjs\`); ${runs.bare.length} pairs, alternating; the ratio is the median of the pairs' ratios.`,
    table(['', 'Postgres Manager', 'bare Node program', 'ratio'], rows),
  ].join('\n\n');
}

function memory(results) {
  const names = { [TOOL]: 'Postgres Manager', psql: 'psql -f -1' };
  const rows = results.memory.flatMap(({ server, peaks }) =>
    Object.entries(peaks).map(([id, peak]) => [
      results.servers.find((one) => one.id === server).label,
      names[id],
      `${seconds(peak.ms)} s`,
      ...[peak.client, peak.backend, peak.backendOwn].map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`),
    ]),
  );
  const [file] = results.memory;
  return [
    `One file of ${((file?.sizeBytes ?? 0) / 1e6).toFixed(0)} MB with ${(file?.statements ?? 0).toLocaleString('en')} INSERT statements, in one ` +
      'transaction. Peak resident memory as the kernel counts it (VmHWM), sampled every 20 ms; that of a backend holds the ' +
      'pages of shared_buffers (128 MB by default) it has touched, so it is also given without shared memory.',
    table(['', '', 'time', 'client', 'backend', 'backend without shared memory'], rows),
  ].join('\n\n');
}

function machine({ machine: m, versions, servers, again = [] }) {
  return [
    `- ${m.cores} cores (${m.cpu}), ${(m.memoryBytes / 1024 ** 3).toFixed(0)} GiB of memory, ${m.system}, ${m.distribution}; shared with other work`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    ...servers.map(({ label, flushMs }) => `- ${label}; an 8 KB write reaches its storage in ${flushMs.toFixed(2)} ms`),
    ...again.map(({ date, version, what }) => `- measured again on ${date} with ${version}: ${what.join(', ')}`),
  ].join('\n');
}

function composePlot(results) {
  const main = results.servers[0];
  const contenders = allContenders('psql');
  const networks = [...new Set(results.comparisons.map(({ network }) => network.roundTripMs))].sort((a, b) => a - b);
  const secondsOf = (workload, roundTripMs) => {
    const found = results.comparisons.find(
      (c) => c.server === main.id && c.workload === workload.id && c.network.roundTripMs === roundTripMs,
    );
    return contenders.map(({ id }) => (found?.runs[id]?.length > 0 ? median(found.runs[id]) / 1000 : null));
  };
  return drawBars({
    title: `Bringing a folder of SQL files to a database: ${main.label}`,
    names: contenders.map(({ label }) => label),
    highlight: 'Postgres Manager',
    rows: results.workloads.map((workload) => ({
      title: workload.label.replace(/ \(.*/, ''),
      panels: networks.map((roundTripMs) => ({
        title: roundTripMs === 0 ? 'loopback' : `${roundTripMs} ms round trip`,
        seconds: secondsOf(workload, roundTripMs),
      })),
    })),
  });
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function seconds(timeMs) {
  return (timeMs / 1000).toFixed(2);
}

function ms(times) {
  return `${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)})`;
}

/** What stands between the tool and the targets that no tool of this kind could pass. */
function whyNotMet(results) {
  const slow = results.comparisons.filter(({ network }) => network.roundTripMs === 5);
  const bounds = slow.flatMap(({ server, workload, runs }) => {
    const bound = runs['lower-bound'] ?? [];
    const psql = runs['psql-session'] ?? [];
    if (bound.length === 0 || psql.length === 0) return [];
    return [`${(median(psql) / median(bound)).toFixed(1)} times on ${server} with the ${workload} files`];
  });
  const start =
    'Over loopback a few hundred files take less time than starting Node and loading the SQL parser, which psql does not do: that is what a short run pays.';
  if (bounds.length === 0) return start;
  return `${start} At 5 ms the lower bound itself, one query for all files, is faster than the psql session by ${bounds.join(', ')}: where that is near ten, the disk sets the limit.`;
}
