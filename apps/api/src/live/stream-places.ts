import type { Caller } from '../http/caller.ts';
import { HttpProblem } from '../http/problem.ts';

/** Enough for a release that follows hundreds of deployments at once; few enough that one key can't take all sockets. */
const MOST_STREAMS = 500;
/** Each keeps a connection to the control database busy for as long as its reader is quick. */
const MOST_EXPORTS = 2;

/** Counts the open streams, or exports, of each key. */
export class StreamPlaces {
  readonly #taken = new Map<string, number>();
  readonly #kind: 'streams' | 'exports';
  readonly #most: number;

  constructor(kind: 'streams' | 'exports') {
    this.#kind = kind;
    this.#most = kind === 'streams' ? MOST_STREAMS : MOST_EXPORTS;
  }

  /**
   * @returns gives the place back
   * @throws HttpProblem 429
   */
  take({ keyId }: Caller): () => void {
    const taken = this.#taken.get(keyId) ?? 0;
    if (taken >= this.#most) {
      throw new HttpProblem({
        status: 429,
        code: 'rate_limited',
        detail: `This key has ${taken} ${this.#kind} open, which is as many as it may. This one was not begun.`,
        hint:
          this.#kind === 'streams'
            ? 'End some; GET /v1/events tells of all deployments in one stream.'
            : 'Wait until one has come to its end.',
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
