/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the ratios of paired runs: what the machine was doing at the moment cancels out. */
export function pairedRatio(numerators, denominators) {
  return median(numerators.map((value, index) => value / denominators[index]));
}
