import { type Bell, type ControlDatabase, headsOfLinesOf } from '@postgres-manager/control-plane';

/** How many deployments are rung for in one round. */
const MOST_AT_ONCE = 500;

/**
 * Rings for the heads of the lines that changed, after the change is committed. Nobody waits for it: with Redis away
 * the workers' reconciling finds the rows within seconds. One round is under way at a time, and takes all that came
 * meanwhile: under load many requests share a query and a pipeline, and a single one waits for nothing.
 */
export class Ringer {
  readonly #db: ControlDatabase;
  readonly #bell: Bell;
  readonly #onError: (reason: string) => void;
  #waiting: string[] = [];
  #round: Promise<void> | null = null;

  constructor(db: ControlDatabase, bell: Bell, onError: (reason: string) => void) {
    this.#db = db;
    this.#bell = bell;
    this.#onError = onError;
  }

  /** The line of this deployment's target may have a new head, and whoever watches it wants to know. */
  ringFor(deploymentId: string): void {
    this.#waiting.push(deploymentId);
    this.#round ??= this.#ringAll().finally(() => {
      this.#round = null;
    });
  }

  /** Resolves when all that was to be rung for is. */
  async settled(): Promise<void> {
    await this.#round;
  }

  async #ringAll(): Promise<void> {
    // The requests of this moment share the first round, too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const ids = this.#waiting.splice(0, MOST_AT_ONCE);
      this.#bell.tell({ deploymentIds: ids, cancel: false });
      try {
        const heads = await headsOfLinesOf(this.#db.pool, ids);
        if (heads.length > 0) await this.#bell.ring(heads);
      } catch (error) {
        this.#onError(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
