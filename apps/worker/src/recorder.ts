import { ControlPlaneError, type Held, isDatabaseUnavailable, type Progress } from '@postgres-manager/control-plane';
import type { RunProgress } from './run-progress.ts';

/** What the recorder needs of its surroundings. */
export interface RecorderSurroundings {
  readonly held: Held;
  readonly progress: RunProgress;
  readonly flushMs: number;
  /** The number of the deployment's latest event when it was taken in hand. */
  readonly lastEvent: number;
  /** Writes it down after that event, once, and gives the number of the latest one then; rejects when it can't. */
  readonly write: (progress: Progress, lastEvent: number) => Promise<number>;
  /** The deployment is another worker's. */
  readonly onLost: () => void;
  readonly onFault: (error: unknown) => void;
}

const LONGEST_PAUSE_MS = 2000;

/**
 * Carries a run's progress into the history while it goes on. What happens within a short time is written together,
 * one write at a time; while the control database is away it is kept for later. What is left when the run ends goes
 * along with the write that ends it: a quick deployment costs no write of its own for its progress.
 */
export class Recorder {
  readonly #surroundings: RecorderSurroundings;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #ended = false;
  #pauseMs: number;
  #lastEvent: number;
  /**
   * Sent, and no answer came: it may be written or not. It goes again as it was, before anything else, since only so
   * can it be told from what is new.
   */
  #inDoubt: Progress | null = null;

  constructor(surroundings: RecorderSurroundings) {
    this.#surroundings = surroundings;
    this.#pauseMs = surroundings.flushMs;
    this.#lastEvent = surroundings.lastEvent;
  }

  /** There is something new to tell. */
  changed(): void {
    if (this.#ended || this.#timer !== null || this.#writing !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        if (this.#inDoubt !== null || !this.#surroundings.progress.isEmpty) this.changed();
      });
    }, this.#pauseMs);
  }

  /** Ends the writing; what is not written by then is the caller's to tell, after `clearDoubt`. */
  async end(): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
  }

  /**
   * Writes what was sent without an answer, where it is not written yet.
   * @throws ControlPlaneError lease_lost, and when the control database is away
   */
  async clearDoubt(): Promise<void> {
    if (this.#inDoubt === null) return;
    try {
      this.#lastEvent = await this.#surroundings.write(this.#inDoubt, this.#lastEvent);
    } catch (error) {
      if (error instanceof ControlPlaneError || isDatabaseUnavailable(error)) throw error;
      // What the database refuses for its content would be refused again: the end of the run still tells the outcome.
      this.#surroundings.onFault(error);
    }
    this.#inDoubt = null;
  }

  async #write(): Promise<void> {
    const { progress, onLost, onFault, flushMs } = this.#surroundings;
    try {
      await this.clearDoubt();
      if (!progress.isEmpty) this.#inDoubt = progress.take();
      await this.clearDoubt();
      this.#pauseMs = flushMs;
    } catch (error) {
      if (error instanceof ControlPlaneError && error.code === 'lease_lost') {
        this.#ended = true;
        onLost();
        return;
      }
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      onFault(error);
    }
  }
}
