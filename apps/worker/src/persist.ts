import { setTimeout as pause } from 'node:timers/promises';
import { isDatabaseUnavailable } from '@postgres-manager/control-plane';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2000;

/**
 * Does it again and again until the control database has taken it.
 * @param onFault told of each try that failed for the control database being away; throws to give up
 * @throws whatever is not about the control database being away
 */
export async function persist<T>(work: () => Promise<T>, onFault: (error: unknown) => void): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      onFault(error);
      await pause(waitMs);
    }
  }
}
