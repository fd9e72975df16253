/**
 * How long targets took, as counts over a scale of growing steps: a fifth longer from one to the next. So it has the
 * same size for ten targets and for ten thousand, and tells quantiles to within a fifth.
 */
export type Durations = Readonly<Record<string, number>>;

const STEP = 1.2;

/** Adds one, in ms. */
export function addDuration(durations: Durations, ms: number): Durations {
  const bucket = String(Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / Math.log(STEP))));
  return { ...durations, [bucket]: (durations[bucket] ?? 0) + 1 };
}

/**
 * The time, in ms, within which all but the slowest twentieth ended; never less than it was. With fewer than twenty it
 * is the slowest of all. Null without any.
 */
export function slowestTwentiethMs(durations: Durations): number | null {
  const buckets = Object.entries(durations).map(([bucket, count]) => [Number(bucket), count] as const);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let slower = Math.floor(total / 20);
  for (const [bucket, count] of buckets.sort(([a], [b]) => b - a)) {
    if (count > slower) return Math.ceil(STEP ** bucket);
    slower -= count;
  }
  return null;
}
