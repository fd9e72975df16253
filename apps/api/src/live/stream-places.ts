import type { Caller } from '../http/caller.ts';
import { HttpProblem } from '../http/problem.ts';

/** Enough for a release that follows hundreds of deployments at once; few enough that one key can't take all sockets. */
const MOST_OF_A_KEY = 500;

/** Counts the open streams of each key. */
export class StreamPlaces {
  readonly #taken = new Map<string, number>();

  /**
   * @returns gives the place back
   * @throws HttpProblem 429
   */
  take({ keyId }: Caller): () => void {
    const taken = this.#taken.get(keyId) ?? 0;
    if (taken >= MOST_OF_A_KEY) {
      throw new HttpProblem({
        status: 429,
        code: 'rate_limited',
        detail: `This key has ${taken} streams open, which is as many as it may. This one was not begun.`,
        hint: 'End some; GET /v1/events tells of all deployments in one stream.',
        headers: { 'retry-after': '5' },
      });
    }
    this.#taken.set(keyId, taken + 1);
    return () => {
      const left = (this.#taken.get(keyId) ?? 1) - 1;
      if (left === 0) this.#taken.delete(keyId);
      else this.#taken.set(keyId, left);
    };
  }
}
