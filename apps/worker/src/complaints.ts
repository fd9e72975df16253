import type { Logger } from 'pino';

/** Tells of a fault when it begins and when it is over, not at each of a thousand tries in between. */
export class Complaints {
  readonly #log: Logger;
  readonly #what: string;
  #since: number | null = null;

  constructor(log: Logger, what: string) {
    this.#log = log;
    this.#what = what;
  }

  /** A fault was told of and is not known to be over. */
  get isStanding(): boolean {
    return this.#since !== null;
  }

  fault(reason: string): void {
    if (this.#since !== null) return;
    this.#since = Date.now();
    this.#log.warn({ reason }, `${this.#what} cannot be reached: what needs it waits, and is tried again.`);
  }

  well(): void {
    if (this.#since === null) return;
    this.#log.info({ awayMs: Date.now() - this.#since }, `${this.#what} is back.`);
    this.#since = null;
  }
}
