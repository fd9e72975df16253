import type { NewEvent } from '@postgres-manager/control-plane';
import type { WorkerEvents, WorkerEventType } from './event-types.ts';

/** How many events may wait for a control database that is away. */
const MOST_PENDING = 10_000;
/** What goes first when there are more: what tells of a passing state. */
const PASSING: ReadonlySet<string> = new Set(['step_progress', 'notice', 'connecting', 'step_started']);

/** Events that are not written yet, in order; bounded. */
export class EventBuffer {
  #events: NewEvent[] = [];
  #dropped = 0;

  get size(): number {
    return this.#events.length;
  }

  add<Type extends WorkerEventType>(type: Type, data: WorkerEvents[Type], at: Date): void {
    const last = this.#events.at(-1);
    // The latest place in a file says all that the ones before it did.
    if (type === 'step_progress' && last?.type === type) this.#events.pop();
    this.#events.push({ at: at.toISOString(), type, data });
    if (this.#events.length > MOST_PENDING) this.#dropOne();
  }

  #dropOne(): void {
    const passing = this.#events.findIndex((event) => PASSING.has(event.type));
    this.#events.splice(Math.max(0, passing), 1);
    this.#dropped++;
  }

  /** Gives all and forgets them. */
  take(): NewEvent[] {
    const events = this.#events;
    this.#events = [];
    const last = events.at(-1);
    if (this.#dropped > 0 && last !== undefined) {
      events.push({ at: last.at, type: 'events_dropped', data: { count: this.#dropped } });
      this.#dropped = 0;
    }
    return events;
  }

  /** What was taken and could not be written comes before what has happened since. */
  putBack(events: readonly NewEvent[]): void {
    this.#events.unshift(...events);
    while (this.#events.length > MOST_PENDING) this.#dropOne();
  }
}
