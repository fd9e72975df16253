import { type ControlDatabase, type DeploymentEvent, findEventsOf } from '@postgres-manager/control-plane';
import { SpacedLooks } from './spaced-looks.ts';

/** How often is looked when nobody rings: Redis may be away. */
const POLL_MS = 1000;
const PAGE = 500;

/** Someone who follows one deployment. */
interface Watcher {
  readonly deploymentId: string;
  after: number;
  readonly onEvents: (events: readonly DeploymentEvent[]) => void;
  /** False while a reader has not taken what it was given: then nothing is read for it. */
  readonly isReady: () => boolean;
}

/**
 * Follows deployments for any number of watchers: one look for all of them whenever something changed, and once a
 * second besides. Events come in order, each once, none left out.
 */
export class EventWatch {
  readonly #db: ControlDatabase;
  readonly #looks: SpacedLooks;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | null = null;

  constructor(db: ControlDatabase, onError: (error: unknown) => void) {
    this.#db = db;
    this.#looks = new SpacedLooks(() => this.#lookOnce(), onError);
  }

  /**
   * @param after the number of the last event that is known; 0 begins at the first
   * @returns ends it
   */
  watch(
    deploymentId: string,
    after: number,
    onEvents: Watcher['onEvents'],
    isReady: Watcher['isReady'] = () => true,
  ): () => void {
    const watcher: Watcher = { deploymentId, after, onEvents, isReady };
    this.#watchers.add(watcher);
    this.#timer ??= setInterval(() => this.look(), POLL_MS);
    this.look();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /** Something changed with these: look, if anybody follows one. */
  changed(deploymentIds: readonly string[]): void {
    const ids = new Set(deploymentIds);
    for (const watcher of this.#watchers) {
      if (!ids.has(watcher.deploymentId)) continue;
      this.look();
      return;
    }
  }

  look(): void {
    this.#looks.look();
  }

  async #lookOnce(): Promise<void> {
    const watchers = [...this.#watchers].filter((watcher) => watcher.isReady());
    if (watchers.length === 0) return;
    // Several may follow one deployment from different places: it is asked for from the earliest.
    const earliest = new Map<string, number>();
    for (const { deploymentId, after } of watchers) {
      earliest.set(deploymentId, Math.min(after, earliest.get(deploymentId) ?? after));
    }
    const positions = [...earliest].map(([deploymentId, after]) => ({ deploymentId, after }));
    const events = await findEventsOf(this.#db, positions, PAGE);
    const byDeployment = groupById(events);
    for (const watcher of watchers) {
      const fresh = (byDeployment.get(watcher.deploymentId) ?? []).filter((event) => event.number > watcher.after);
      if (fresh.length === 0) continue;
      watcher.after = fresh.at(-1)?.number ?? watcher.after;
      if (this.#watchers.has(watcher)) watcher.onEvents(fresh);
    }
    if ([...byDeployment.values()].some((group) => group.length === PAGE)) this.look();
  }
}

function groupById(events: readonly DeploymentEvent[]): Map<string, DeploymentEvent[]> {
  const groups = new Map<string, DeploymentEvent[]>();
  for (const event of events) {
    const group = groups.get(event.deploymentId);
    if (group === undefined) groups.set(event.deploymentId, [event]);
    else group.push(event);
  }
  return groups;
}
