import { setTimeout as pause } from 'node:timers/promises';
import { isDatabaseUnavailable } from '@postgres-manager/control-plane';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2000;

/**
 * Does it again and again until the control database has taken it.
 * @param mayGoOn asked after each try that failed for the control database being away
 * @throws whatever is not about the control database being away, and that too when it may not go on
 */
export async function persist<T>(work: () => Promise<T>, mayGoOn: () => boolean): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseUnavailable(error) || !mayGoOn()) throw error;
      await pause(waitMs);
    }
  }
}
