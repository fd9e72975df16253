import { SpacedLooks } from './spaced-looks.ts';

/** How often is looked when nobody rings: Redis may be away. */
const POLL_MS = 1000;
const PAGE = 500;

/** Whose events are followed: deployments or rollouts. */
export interface EventSource<E> {
  /** At most `limit` events of each that come behind its position, in their order. */
  readonly find: (positions: readonly { readonly id: string; readonly after: number }[], limit: number) => Promise<E[]>;
  readonly idOf: (event: E) => string;
}

/** Someone who follows one of them. */
interface Watcher<E> {
  readonly id: string;
  after: number;
  readonly onEvents: (events: readonly E[]) => void;
  /** False while a reader has not taken what it was given: then nothing is read for it. */
  readonly isReady: () => boolean;
}

/**
 * Follows deployments, or rollouts, for any number of watchers: one look for all of them whenever something changed, and
 * once a second besides. Events come in order, each once, none left out.
 */
export class EventWatch<E extends { readonly number: number }> {
  readonly #source: EventSource<E>;
  readonly #looks: SpacedLooks;
  readonly #watchers = new Set<Watcher<E>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(source: EventSource<E>, onError: (error: unknown) => void) {
    this.#source = source;
    this.#looks = new SpacedLooks(() => this.#lookOnce(), onError);
  }

  /**
   * @param after the number of the last event that is known; 0 begins at the first
   * @returns ends it
   */
  watch(
    id: string,
    after: number,
    onEvents: Watcher<E>['onEvents'],
    isReady: Watcher<E>['isReady'] = () => true,
  ): () => void {
    const watcher: Watcher<E> = { id, after, onEvents, isReady };
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
  changed(changedIds: readonly string[]): void {
    const ids = new Set(changedIds);
    for (const watcher of this.#watchers) {
      if (!ids.has(watcher.id)) continue;
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
    // Several may follow one from different places: it is asked for from the earliest.
    const earliest = new Map<string, number>();
    for (const { id, after } of watchers) {
      earliest.set(id, Math.min(after, earliest.get(id) ?? after));
    }
    const positions = [...earliest].map(([id, after]) => ({ id, after }));
    const events = await this.#source.find(positions, PAGE);
    const groups = groupById(events, this.#source.idOf);
    for (const watcher of watchers) {
      const fresh = (groups.get(watcher.id) ?? []).filter((event) => event.number > watcher.after);
      if (fresh.length === 0) continue;
      watcher.after = fresh.at(-1)?.number ?? watcher.after;
      if (this.#watchers.has(watcher)) watcher.onEvents(fresh);
    }
    if ([...groups.values()].some((group) => group.length === PAGE)) this.look();
  }
}

function groupById<E>(events: readonly E[], idOf: (event: E) => string): Map<string, E[]> {
  const groups = new Map<string, E[]>();
  for (const event of events) {
    const group = groups.get(idOf(event));
    if (group === undefined) groups.set(idOf(event), [event]);
    else group.push(event);
  }
  return groups;
}
