import type { ControlDatabase } from '../database/control-database.ts';
import { headsOfLinesOf } from '../deployments/line.ts';
import type { Bell } from './bell.ts';
import { Rounds, takeFirst } from './rounds.ts';

/** How many deployments are rung for in one round. */
const MOST_AT_ONCE = 500;
/** Nobody notices it, and where a hundred end in a second many share a look. */
const REST_MS = 5;

interface Change {
  readonly deploymentId: string;
  readonly kind: 'entered' | 'left';
}

/**
 * Rings for the heads of the lines that changed, after the change is committed. Nobody waits for it: with Redis away
 * the workers' reconciling finds the rows within seconds.
 */
export class Ringer {
  readonly #db: ControlDatabase;
  readonly #bell: Bell;
  readonly #onError: (reason: string) => void;
  readonly #rounds = new Rounds<Change>({
    work: (changes) => this.#ring(changes),
    take: takeFirst(MOST_AT_ONCE),
    restMs: REST_MS,
  });

  constructor(db: ControlDatabase, bell: Bell, onError: (reason: string) => void) {
    this.#db = db;
    this.#bell = bell;
    this.#onError = onError;
  }

  /** It has joined its target's line: it is rung for if it is the head. A head before it was rung for when it came. */
  entered(deploymentId: string): void {
    this.#rounds.add({ deploymentId, kind: 'entered' });
  }

  /** It has left its target's line, or is no longer in a worker's hands: whoever is the head now is rung for. */
  left(deploymentId: string): void {
    this.#rounds.add({ deploymentId, kind: 'left' });
  }

  /** Resolves when all that was to be rung for is. */
  async settled(): Promise<void> {
    await this.#rounds.settled();
  }

  async #ring(changes: readonly Change[]): Promise<void> {
    const idsOf = (kind: Change['kind']): string[] =>
      changes.filter((change) => change.kind === kind).map(({ deploymentId }) => deploymentId);
    const [entered, left] = [new Set(idsOf('entered')), idsOf('left')];
    this.#bell.tell({ deploymentIds: [...entered, ...left], cancel: false });
    try {
      const heads = entered.size === 0 ? [] : await headsOfLinesOf(this.#db.pool, [...entered]);
      const behind = left.length === 0 ? [] : await headsOfLinesOf(this.#db.pool, left);
      const toRing = [...heads.filter((head) => entered.has(head.id)), ...behind];
      if (toRing.length > 0) await this.#bell.ring(toRing);
    } catch (error) {
      this.#onError(error instanceof Error ? error.message : String(error));
    }
  }
}
