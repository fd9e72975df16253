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
  #entered: string[] = [];
  #left: string[] = [];
  #round: Promise<void> | null = null;

  constructor(db: ControlDatabase, bell: Bell, onError: (reason: string) => void) {
    this.#db = db;
    this.#bell = bell;
    this.#onError = onError;
  }

  /** It has joined its target's line: it is rung for if it is the head. A head before it was rung for when it came. */
  entered(deploymentId: string): void {
    this.#entered.push(deploymentId);
    this.#begin();
  }

  /** It has left its target's line: whoever is the head now is rung for. */
  left(deploymentId: string): void {
    this.#left.push(deploymentId);
    this.#begin();
  }

  #begin(): void {
    this.#round ??= this.#ringAll().finally(() => {
      this.#round = null;
      // Somebody may have come between the last look and now.
      if (this.#entered.length + this.#left.length > 0) this.#begin();
    });
  }

  /** Resolves when all that was to be rung for is. */
  async settled(): Promise<void> {
    await this.#round;
  }

  async #ringAll(): Promise<void> {
    // The requests of this moment share the first round, too.
    await Promise.resolve();
    while (this.#entered.length + this.#left.length > 0) {
      const entered = new Set(this.#entered.splice(0, MOST_AT_ONCE));
      const left = this.#left.splice(0, MOST_AT_ONCE);
      this.#bell.tell({ deploymentIds: [...entered, ...left], cancel: false });
      try {
        const heads = await headsOfLinesOf(this.#db.pool, [...entered]);
        const behind = left.length === 0 ? [] : await headsOfLinesOf(this.#db.pool, left);
        const toRing = [...heads.filter((head) => entered.has(head.id)), ...behind];
        if (toRing.length > 0) await this.#bell.ring(toRing);
      } catch (error) {
        this.#onError(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
