import { setTimeout as pause } from 'node:timers/promises';

export interface RoundsOptions<T> {
  /** Does a round's work. It never rejects: what fails is told from within. */
  readonly work: (items: T[]) => Promise<void>;
  /** Picks what goes into the next round from all that waits; the rest waits on. */
  readonly take: (waiting: readonly T[]) => { taken: T[]; left: T[] };
  /** A round that takes longer than this, in ms, holds up nobody: the next begins beside it. Left out: it does. */
  readonly patienceMs?: number;
  /** So long after a round, in ms, the next one waits, for more to share it. Left out: it doesn't. */
  readonly restMs?: number;
}

/**
 * Work that costs little more for many than for one. One round is under way at a time and takes all that came
 * meanwhile: under load many share a query or a message, and a single one waits for nothing.
 */
export class Rounds<T> {
  readonly #options: RoundsOptions<T>;
  readonly #running = new Set<Promise<void>>();
  #waiting: T[] = [];
  #impatient: NodeJS.Timeout | null = null;

  constructor(options: RoundsOptions<T>) {
    this.#options = options;
  }

  add(item: T): void {
    this.#waiting.push(item);
    this.#goOn();
  }

  /** Resolves when nothing waits and nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Whatever waits goes at once where nothing is under way, and else when that has ended or patience is over. */
  #goOn(): void {
    const { patienceMs } = this.#options;
    if (this.#waiting.length === 0) return;
    if (this.#running.size === 0) this.#begin();
    else if (patienceMs !== undefined) this.#impatient ??= setTimeout(() => this.#begin(), patienceMs);
  }

  #begin(): void {
    if (this.#impatient !== null) clearTimeout(this.#impatient);
    this.#impatient = null;
    const round = this.#round().finally(() => {
      this.#running.delete(round);
      this.#goOn();
    });
    this.#running.add(round);
  }

  async #round(): Promise<void> {
    // What comes in the same moment shares the first round, too.
    await Promise.resolve();
    const { taken, left } = this.#options.take(this.#waiting);
    this.#waiting = left;
    if (taken.length === 0) return;
    await this.#options.work(taken);
    if (this.#options.restMs !== undefined) await pause(this.#options.restMs);
  }
}

/** Takes the first so many, in their order. */
export function takeFirst<T>(most: number): RoundsOptions<T>['take'] {
  return (waiting) => ({ taken: waiting.slice(0, most), left: waiting.slice(most) });
}
