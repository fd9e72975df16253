import { setTimeout as pause } from 'node:timers/promises';

const MOST_TRIES = 4;
const LONGEST_PAUSE_MS = 50;

/**
 * Does it again when the server ended it to break a deadlock (40P01): its transaction was rolled back whole, and the
 * other one has gone on. Only for work that does nothing but talk to the control database.
 * @throws what the last try threw
 */
export async function againAfterDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== '40P01' || tries === MOST_TRIES) throw error;
      await pause(Math.random() * LONGEST_PAUSE_MS);
    }
  }
}
