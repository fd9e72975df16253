/** Where a random test that failed is to begin again. All of it is in the message of the failure. */
export interface Replay {
  readonly seed?: number;
  readonly path?: string;
  /** Of a model test: which commands were run. */
  readonly replayPath?: string;
  /** More or fewer than usual. */
  readonly numRuns?: number;
}

/** What TEST_SEED, TEST_PATH, TEST_REPLAY_PATH and TEST_RUNS say; empty without them. */
export function replay(): Replay {
  const { TEST_SEED: seed, TEST_PATH: path, TEST_REPLAY_PATH: replayPath, TEST_RUNS: runs } = process.env;
  return {
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
    ...(replayPath === undefined ? {} : { replayPath }),
    ...(runs === undefined ? {} : { numRuns: Number(runs) }),
  };
}
