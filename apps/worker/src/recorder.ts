import { ControlPlaneError, type Held, isDatabaseUnavailable, type Progress } from '@postgres-manager/control-plane';
import type { RunProgress } from './run-progress.ts';

/** What the recorder needs of its surroundings. */
export interface RecorderSurroundings {
  readonly held: Held;
  readonly progress: RunProgress;
  readonly flushMs: number;
  /** Writes it down; rejects when it can't. */
  readonly write: (progress: Progress) => Promise<void>;
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

  constructor(surroundings: RecorderSurroundings) {
    this.#surroundings = surroundings;
    this.#pauseMs = surroundings.flushMs;
  }

  /** There is something new to tell. */
  changed(): void {
    if (this.#ended || this.#timer !== null || this.#writing !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        if (!this.#surroundings.progress.isEmpty) this.changed();
      });
    }, this.#pauseMs);
  }

  /** Ends the writing; what is not written by then is the caller's to tell. */
  async end(): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { progress, write, onLost, onFault, flushMs } = this.#surroundings;
    const batch = progress.take();
    try {
      await write(batch);
      this.#pauseMs = flushMs;
    } catch (error) {
      if (error instanceof ControlPlaneError && error.code === 'lease_lost') {
        this.#ended = true;
        onLost();
        return;
      }
      // What the database refuses for its content would be refused again: the end of the run still tells the outcome.
      if (isDatabaseUnavailable(error)) progress.putBack(batch);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      onFault(error);
    }
  }
}
