import {
  type ControlDatabase,
  findEventsAfter,
  findEventsById,
  latestEventId,
  type StreamedEvent,
} from '@postgres-manager/control-plane';
import { SpacedLooks } from './spaced-looks.ts';

const POLL_MS = 1000;
const PAGE = 1000;
/** No transaction that writes events takes longer: a number still missing then belongs to one that was rolled back. */
const GAP_MS = 15_000;
/** Where the following begins, this many numbers below the latest are searched for gaps that may yet be filled. */
const LOOK_BACK = 10_000n;

/** An event with the place to go on from: everything up to it has been given, or never will be there. */
export interface PlacedEvent {
  readonly event: StreamedEvent;
  readonly resumeAfter: string;
}

type Listener = (events: readonly PlacedEvent[]) => void;

/** How far the numbers were read, and which below that are missing, in their order, since when. */
interface Progress {
  last: bigint;
  readonly gaps: Map<bigint, number>;
}

/**
 * Follows the events of all deployments, with one look for all who watch. Numbers are given out before their
 * transactions commit, so a lower one may turn up after a higher: what is missing is asked for again until it is
 * there or can no longer come. Whoever resumes may get an event twice, and misses none.
 */
export class AllEvents {
  readonly #db: ControlDatabase;
  readonly #looks: SpacedLooks;
  readonly #listeners = new Set<Listener>();
  /** Null while nobody listens. */
  #progress: Promise<Progress> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(db: ControlDatabase, onError: (error: unknown) => void) {
    this.#db = db;
    this.#looks = new SpacedLooks(() => this.#lookOnce(), onError);
  }

  /** From now on; what was before is to be had with `since`. Rejects when the control database is away. */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    const unlisten = (): void => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      this.#progress = null;
    };
    try {
      await (this.#progress ??= this.#begin());
    } catch (error) {
      this.#progress = null;
      unlisten();
      throw error;
    }
    this.#timer ??= setInterval(() => this.look(), POLL_MS);
    return unlisten;
  }

  /** One page of what came after an id; for those who listen already, so that what is committed late reaches them. */
  async since(after: string): Promise<{ events: PlacedEvent[]; complete: boolean }> {
    const events = await findEventsAfter(this.#db, after, PAGE);
    const progress = await this.#progress;
    return {
      events: progress === null ? [] : place(events, progress),
      complete: events.length < PAGE,
    };
  }

  look(): void {
    // Hints come whether anybody listens or not.
    if (this.#progress !== null) this.#looks.look();
  }

  /** The latest number, and the gaps not far below it: what is about to be committed there belongs to the future too. */
  async #begin(): Promise<Progress> {
    const latest = BigInt(await latestEventId(this.#db));
    const progress: Progress = { last: latest > LOOK_BACK ? latest - LOOK_BACK : 0n, gaps: new Map() };
    let page: StreamedEvent[];
    do {
      page = await findEventsAfter(this.#db, String(progress.last), PAGE);
      note(page, progress);
    } while (page.length === PAGE);
    return progress;
  }

  async #lookOnce(): Promise<void> {
    const following = this.#progress;
    if (following === null) return;
    const progress = await following;
    const late = progress.gaps.size === 0 ? [] : await findEventsById(this.#db, [...progress.gaps.keys()].map(String));
    let fresh: StreamedEvent[];
    do {
      fresh = await findEventsAfter(this.#db, String(progress.last), PAGE);
      // Everybody left meanwhile, and others may have come, who began anew.
      if (this.#progress !== following) return;
      note(fresh, progress);
      for (const { id } of late) progress.gaps.delete(BigInt(id));
      const events = place([...late.splice(0), ...fresh], progress);
      if (events.length > 0) for (const listener of this.#listeners) listener(events);
    } while (fresh.length === PAGE);
  }
}

/** Moves on behind a page, and keeps in mind which numbers were missing. */
function note(page: readonly StreamedEvent[], progress: Progress): void {
  const now = performance.now();
  for (const [id, seen] of progress.gaps) if (now - seen > GAP_MS) progress.gaps.delete(id);
  for (const { id } of page) {
    const number = BigInt(id);
    // A sequence that was set far ahead leaves a gap that nobody fills.
    const first = number - progress.last > LOOK_BACK ? number - LOOK_BACK : progress.last + 1n;
    for (let missing = first; missing < number; missing++) progress.gaps.set(missing, now);
    progress.last = number;
  }
}

function place(events: readonly StreamedEvent[], { last, gaps }: Progress): PlacedEvent[] {
  const [firstGap] = gaps.keys();
  const settled = firstGap === undefined ? last : firstGap - 1n;
  return events.map((event) => ({
    event,
    resumeAfter: BigInt(event.id) > settled ? String(settled) : event.id,
  }));
}
