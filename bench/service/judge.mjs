import { median, pairedRatio } from '../statistics.mjs';

const REQUESTS_RATIO = 0.7;
const P99_RATIO = 2;
const FIRST_STATEMENT_MS = 50;
const PSQL_RATIO = 1;
const HISTORY_RATIO = 1.5;
const WORKER_BYTES = 200e6;

/** What was to be reached, and what was. @returns {{target: string, figure: string, met: boolean}[]} */
export function judge({ sections }) {
  return [
    ...judgeAccepting(sections.accepting),
    ...judgeFirstStatement(sections['first-statement']),
    ...judgeManyTargets(sections['many-targets']),
    ...judgeRollout(sections.rollout),
    ...judgeHistory(sections.history),
    ...judgeMemory(sections.memory),
  ];
}

export function acceptingRatios({ runs }) {
  const of = (name, figure) => runs[name].map((run) => run[figure]);
  return {
    perSecond: pairedRatio(of('api', 'perSecond'), of('bare', 'perSecond')),
    p99: pairedRatio(of('api', 'p99Ms'), of('bare', 'p99Ms')),
  };
}

/** The mixture that grew most. */
export function worstMixture({ mixtures }) {
  return mixtures.map((m) => ({ label: m.label, ratio: growth(m) })).sort((a, b) => b.ratio - a.ratio)[0];
}

export function growth({ p95Ms }) {
  return p95Ms.at(-1) / p95Ms[0];
}

function judgeAccepting(measured) {
  if (measured === undefined) return [];
  const { perSecond, p99 } = acceptingRatios(measured);
  return [
    {
      target: `accepting: at least ${REQUESTS_RATIO} of the bare server's requests per second`,
      figure: perSecond.toFixed(2),
      met: perSecond >= REQUESTS_RATIO,
    },
    {
      target: `accepting: p99 under ${P99_RATIO} times the bare server's`,
      figure: p99.toFixed(2),
      met: p99 < P99_RATIO,
    },
  ];
}

function judgeFirstStatement(measured) {
  if (measured === undefined) return [];
  const { p50Ms, p99Ms } = measured;
  return [
    {
      target: `from POST to the first statement: p50 of ${FIRST_STATEMENT_MS} ms (an aim)`,
      figure: `${p50Ms.toFixed(0)} ms; p99 ${p99Ms.toFixed(0)} ms`,
      met: p50Ms <= FIRST_STATEMENT_MS,
    },
  ];
}

/** What the service is held against: first what was asked for, then psql doing the same work. */
const PEERS = { psql: 'which runs the file alone', psqlWithLedger: 'which keeps a ledger too' };

/** The first time the service meets a target it makes its ledger there. */
const WHEN = ['on first contact', 'from then on'];

function judgeManyTargets(measured) {
  if (measured === undefined || measured.first.psql.length === 0) return [];
  const { targets, parallelism, first, again } = measured;
  return [first, again].flatMap(({ service, ...peers }, n) =>
    Object.entries(PEERS).map(([peer, label]) => {
      const ratio = pairedRatio(service, peers[peer]);
      return {
        target: `${targets} targets, ${WHEN[n]}: at most ${PSQL_RATIO.toFixed(1)} times the time of xargs -P ${parallelism} psql, ${label}`,
        figure: `${ratio.toFixed(2)} (${(median(service) / 1000).toFixed(1)} s)`,
        met: ratio <= PSQL_RATIO,
      };
    }),
  );
}

function judgeRollout(measured) {
  if (measured === undefined) return [];
  const [small, large] = [measured.sizes[0], measured.sizes.at(-1)];
  const growthOf = (figure) => large[figure] / small[figure];
  const times = (figure) => `${growthOf(figure).toFixed(2)} times`;
  return [
    ...(large.ms.psql === null ? [] : WHEN.flatMap((when, n) => judgeTimes(large, measured.parallelism, when, n))),
    {
      target: `rollout: control-database transactions a target at ${large.targets} targets not above those at ${small.targets}`,
      figure: `${large.transactionsPerTarget.toFixed(1)}, ${times('transactionsPerTarget')}`,
      met: growthOf('transactionsPerTarget') <= 1.05,
    },
    {
      target: `rollout: memory of API and worker at ${large.targets} targets at most a quarter above that at ${small.targets}`,
      figure: `API ${times('apiPeakBytes')}, worker ${times('workerPeakBytes')}`,
      met: growthOf('apiPeakBytes') <= 1.25 && growthOf('workerPeakBytes') <= 1.25,
    },
  ];
}

function judgeTimes({ targets, ms }, parallelism, when, n) {
  return Object.entries(PEERS).map(([peer, label]) => {
    const ratio = ms.service[n] / ms[peer][n];
    return {
      target: `rollout to ${targets} targets, ${when}: at most ${PSQL_RATIO.toFixed(1)} times the time of xargs -P ${parallelism} psql, ${label}`,
      figure: `${ratio.toFixed(2)} (${(ms.service[n] / 1000).toFixed(1)} s)`,
      met: ratio <= PSQL_RATIO,
    };
  });
}

function judgeHistory(measured) {
  if (measured === undefined) return [];
  const { label, ratio } = worstMixture(measured);
  const [least, most] = [measured.sizes[0], measured.sizes.at(-1)].map((size) => size.toLocaleString('en'));
  return [
    {
      target: `history: p95 at ${most} rows at most ${HISTORY_RATIO} times that at ${least}, for each mixture of filters`,
      figure: `${ratio.toFixed(2)} at worst (filters: ${label})`,
      met: ratio <= HISTORY_RATIO,
    },
  ];
}

function judgeMemory(measured) {
  if (measured === undefined || measured.peakBytes === 0) return [];
  return [
    {
      target: `worker with ${measured.concurrency} deployments at a time: peak resident memory under ${WORKER_BYTES / 1e6} MB`,
      figure: `${(measured.peakBytes / 1e6).toFixed(0)} MB`,
      met: measured.peakBytes < WORKER_BYTES,
    },
  ];
}
