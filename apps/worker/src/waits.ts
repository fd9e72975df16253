const LONGEST_RETRY_MS = 60_000;
const SHORTEST_LOCK_WAIT_MS = 250;
const LONGEST_LOCK_WAIT_MS = 10_000;

/** Spreads waits by a quarter to either side, so that many that failed together don't come again together. */
export function jittered(ms: number, random: () => number = Math.random): number {
  return Math.round(ms * (0.75 + random() / 2));
}

/** How long to wait after the `failedTries`-th failed attempt: twice as long each time. */
export function retryWaitMs(failedTries: number, firstMs: number): number {
  return Math.min(LONGEST_RETRY_MS, firstMs * 2 ** (failedTries - 1));
}

/** When to look again whether a target's lock is free: a quarter of the time it has been waited for already. */
export function lockLookMs(waitedMs: number): number {
  return Math.min(LONGEST_LOCK_WAIT_MS, Math.max(SHORTEST_LOCK_WAIT_MS, waitedMs / 4));
}
