import { median, pairedRatio } from './statistics.mjs';

const TOOL = 'postgres-manager';
const PEERS = ['dbmate', 'postgrator', 'node-pg-migrate'];
const MEMORY_LIMIT_BYTES = 200_000_000;

/**
 * Holds the results against what was set out to reach.
 * @returns {{target: string, where: string, figure: string, met: boolean}[]} only what was measured
 */
export function judge(results) {
  return [
    ...results.comparisons.flatMap((comparison) => judgeComparison(comparison)),
    ...results.nothingToDo.flatMap(judgeNothingToDo),
    ...results.memory.flatMap(judgeMemory),
  ];
}

/** The tool's median over the contender's, or null when one of them was not measured. */
export function ratioTo(comparison, contender) {
  const tool = comparison.runs[TOOL];
  const other = comparison.runs[contender];
  return tool?.length > 0 && other?.length > 0 ? median(tool) / median(other) : null;
}

function judgeComparison(comparison) {
  const { server, workload, network } = comparison;
  const where = `${server}, ${workload} files, ${network.roundTripMs === 0 ? 'loopback' : `${network.roundTripMs} ms`}`;
  const atMost = (contender, limit) => {
    const ratio = ratioTo(comparison, contender);
    if (ratio === null) return [];
    const target = `${where}: at most ${limit.toFixed(2)} times ${contender}`;
    return [{ target, where, figure: ratio.toFixed(2), met: ratio <= limit }];
  };
  if (network.roundTripMs === 0) {
    return [atMost('psql-session', 1), atMost('lower-bound', 1.25), ...PEERS.map((peer) => atMost(peer, 1))].flat();
  }
  const ratio = ratioTo(comparison, 'psql-session');
  if (network.roundTripMs !== 5 || ratio === null) return [];
  const target = `${where}: at least 10 times faster than psql-session`;
  return [{ target, where, figure: `${(1 / ratio).toFixed(1)} times`, met: ratio <= 0.1 }];
}

function judgeNothingToDo({ server, runs }) {
  if (runs.tool.length === 0) return [];
  const ratio = pairedRatio(runs.tool, runs.bare);
  const target = `${server}, nothing to do: at most 1.50 times a bare Node program`;
  return [{ target, where: server, figure: ratio.toFixed(2), met: ratio <= 1.5 }];
}

function judgeMemory({ server, peaks }) {
  const tool = peaks[TOOL];
  if (tool === undefined) return [];
  return ['client', 'backend'].map((side) => ({
    target: `${server}, 50 MB file: peak resident memory of the ${side} under 200 MB`,
    where: server,
    figure: `${(tool[side] / 1e6).toFixed(0)} MB`,
    met: tool[side] < MEMORY_LIMIT_BYTES,
  }));
}
