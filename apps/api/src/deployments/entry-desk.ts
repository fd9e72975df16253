import {
  type Actor,
  type ControlDatabase,
  type Deployment,
  enterDeployments,
  type Entry,
  isDatabaseUnavailable,
  type NewDeployment,
} from '@postgres-manager/control-plane';

/** How many deployments go into the control database in one statement. */
const MOST_AT_ONCE = 100;
/** A round that takes longer holds up nobody: an answer has to come within two seconds, whatever hangs. */
const PATIENCE_MS = 100;

interface Waiting {
  readonly entry: Entry;
  readonly resolve: (deployment: Deployment | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Enters deployments in the control database. One round is under way at a time and takes all that came meanwhile:
 * under load many requests share one statement and one flush to disk, and a single one waits for nothing.
 */
export class EntryDesk {
  readonly #db: ControlDatabase;
  #waiting: Waiting[] = [];
  #rounds = 0;
  #impatient: NodeJS.Timeout | null = null;

  constructor(db: ControlDatabase) {
    this.#db = db;
  }

  /**
   * @returns null where `enterDeployment` gives null
   * @throws when the control database is away or refuses it
   */
  enter(wanted: NewDeployment, actor: Actor): Promise<Deployment | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry: { wanted, actor }, resolve, reject });
      if (this.#rounds === 0) this.#begin();
      else this.#impatient ??= setTimeout(() => this.#begin(), PATIENCE_MS);
    });
  }

  #begin(): void {
    if (this.#impatient !== null) clearTimeout(this.#impatient);
    this.#impatient = null;
    this.#rounds++;
    void this.#round().finally(() => {
      this.#rounds--;
      if (this.#waiting.length > 0 && this.#rounds === 0) this.#begin();
    });
  }

  async #round(): Promise<void> {
    // The requests of this moment share the first round, too.
    await Promise.resolve();
    const taken = this.#take();
    if (taken.length === 0) return;
    try {
      await this.#enterAll(taken);
    } catch (error) {
      // It may be the fault of a single one: then it alone is refused.
      if (taken.length > 1 && !isDatabaseUnavailable(error)) {
        await Promise.all(taken.map((one) => this.#enterAll([one]).catch(one.reject)));
      } else {
        for (const { reject } of taken) reject(error);
      }
    }
  }

  async #enterAll(taken: readonly Waiting[]): Promise<void> {
    const entered = await enterDeployments(
      this.#db.pool,
      taken.map(({ entry }) => entry),
    );
    for (const [place, { resolve }] of taken.entries()) resolve(entered[place] ?? null);
  }

  /** The first of each target: the second is to see it in the line before itself, so it comes in the next round. */
  #take(): Waiting[] {
    const targets = new Set<string>();
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    for (const one of this.#waiting) {
      const { target } = one.entry.wanted;
      const isFirst = !targets.has(target);
      targets.add(target);
      (isFirst && taken.length < MOST_AT_ONCE ? taken : left).push(one);
    }
    this.#waiting = left;
    return taken;
  }
}
