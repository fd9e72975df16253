import {
  type Actor,
  againAfterDeadlock,
  type ControlDatabase,
  type Deployment,
  enterDeployments,
  type Entry,
  isDatabaseUnavailable,
  type NewDeployment,
  Rounds,
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

/** Enters deployments in the control database: many requests of a moment share one statement and one flush to disk. */
export class EntryDesk {
  readonly #db: ControlDatabase;
  readonly #rounds = new Rounds<Waiting>({
    work: (taken) => this.#enterOrRefuse(taken),
    take: takeOneOfEachTarget,
    patienceMs: PATIENCE_MS,
  });

  constructor(db: ControlDatabase) {
    this.#db = db;
  }

  /**
   * @returns null where `enterDeployment` gives null
   * @throws when the control database is away or refuses it
   */
  enter(wanted: NewDeployment, actor: Actor): Promise<Deployment | null> {
    return new Promise((resolve, reject) => {
      this.#rounds.add({ entry: { wanted, actor }, resolve, reject });
    });
  }

  async #enterOrRefuse(taken: readonly Waiting[]): Promise<void> {
    try {
      await this.#enter(taken);
    } catch (error) {
      // It may be the fault of a single one: then it alone is refused.
      if (taken.length > 1 && !isDatabaseUnavailable(error)) {
        await Promise.all(taken.map((one) => this.#enter([one]).catch(one.reject)));
      } else {
        for (const { reject } of taken) reject(error);
      }
    }
  }

  async #enter(taken: readonly Waiting[]): Promise<void> {
    const entries = taken.map(({ entry }) => entry);
    const entered = await againAfterDeadlock(() => enterDeployments(this.#db.pool, entries));
    for (const [place, { resolve }] of taken.entries()) resolve(entered[place] ?? null);
  }
}

/** The first of each target: the second is to see it in the line before itself, so it comes in the next round. */
function takeOneOfEachTarget(waiting: readonly Waiting[]): { taken: Waiting[]; left: Waiting[] } {
  const targets = new Set<string>();
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  for (const one of waiting) {
    const { target } = one.entry.wanted;
    const isFirst = !targets.has(target);
    targets.add(target);
    (isFirst && taken.length < MOST_AT_ONCE ? taken : left).push(one);
  }
  return { taken, left };
}
