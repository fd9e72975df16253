import {
  type ControlDatabase,
  findEventsAfter,
  findEventsById,
  latestEventId,
  type StreamedEvent,
} from '@postgres-manager/control-plane';

const POLL_MS = 1000;
const PAGE = 1000;
/** No transaction that writes events takes longer: a number still missing then belongs to one that was rolled back. */
const GAP_MS = 15_000;
const MOST_GAPS = 10_000;

/** An event with the place to go on from: everything up to it has been given, or never will be there. */
export interface PlacedEvent {
  readonly event: StreamedEvent;
  readonly resumeAfter: string;
}

type Listener = (events: readonly PlacedEvent[]) => void;

/**
 * Follows the events of all deployments, with one look for all who watch. Numbers are given out before their
 * transactions commit, so a lower one may turn up after a higher: what is missing is asked for again until it is
 * there or can no longer come. Whoever resumes may get an event twice, and misses none.
 */
export class AllEvents {
  readonly #db: ControlDatabase;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  readonly #gaps = new Map<bigint, number>();
  #last: bigint | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(db: ControlDatabase, onError: (error: unknown) => void) {
    this.#db = db;
    this.#onError = onError;
  }

  /** From now on; what was before is to be had with `since`. */
  async listen(listener: Listener): Promise<() => void> {
    if (this.#last === null) this.#last = BigInt(await latestEventId(this.#db));
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.look(), POLL_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#last = null;
      this.#gaps.clear();
    };
  }

  /** One page of what came after an id. */
  async since(after: string): Promise<{ events: PlacedEvent[]; complete: boolean }> {
    const events = await findEventsAfter(this.#db, after, PAGE);
    return {
      events: events.map((event) => ({ event, resumeAfter: event.id })),
      complete: events.length < PAGE,
    };
  }

  look(): void {
    if (this.#listeners.size === 0 || this.#looking !== null) return;
    this.#looking = this.#lookOnce()
      .catch(this.#onError)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #lookOnce(): Promise<void> {
    const late = this.#gaps.size === 0 ? [] : await findEventsById(this.#db, [...this.#gaps.keys()].map(String));
    let fresh: StreamedEvent[];
    do {
      fresh = await findEventsAfter(this.#db, String(this.#last ?? 0n), PAGE);
      this.#note(fresh);
      this.#give([...late.splice(0), ...fresh]);
    } while (fresh.length === PAGE);
  }

  #note(fresh: readonly StreamedEvent[]): void {
    const now = performance.now();
    for (const [id, seen] of this.#gaps) if (now - seen > GAP_MS) this.#gaps.delete(id);
    for (const { id } of fresh) {
      const number = BigInt(id);
      for (let missing = (this.#last ?? number) + 1n; missing < number && this.#gaps.size < MOST_GAPS; missing++) {
        this.#gaps.set(missing, now);
      }
      this.#last = number;
    }
  }

  #give(events: readonly StreamedEvent[]): void {
    if (events.length === 0) return;
    for (const { id } of events) this.#gaps.delete(BigInt(id));
    const first = [...this.#gaps.keys()][0];
    const settled = first === undefined ? this.#last : first - 1n;
    const placed = events.map((event) => ({
      event,
      resumeAfter: settled !== null && BigInt(event.id) > settled ? String(settled) : event.id,
    }));
    for (const listener of this.#listeners) listener(placed);
  }
}
