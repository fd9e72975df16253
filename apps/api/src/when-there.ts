import { setTimeout as pause } from 'node:timers/promises';
import { ControlPlaneError, isDatabaseUnavailable } from '@postgres-manager/control-plane';
import type { Logger } from 'pino';
import type { ApiConfig } from './api-config.ts';

const LONGEST_STARTUP_WAIT_MS = 5000;

/** The control database may come up later than this process: it is tried until it is there. */
export async function whenThere({ giveUp }: ApiConfig, log: Logger, prepare: () => Promise<void>): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, LONGEST_STARTUP_WAIT_MS)) {
    try {
      giveUp?.throwIfAborted();
      await prepare();
      return;
    } catch (error) {
      if (!isAway(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason, waitMs }, 'The control database is not there yet; it is tried again, and answers are 503.');
      await pause(waitMs, undefined, giveUp === undefined ? {} : { signal: giveUp });
    }
  }
}

/** Other faults than a server that is away (a wrong password, too few rights) don't pass by waiting. */
function isAway(error: unknown): boolean {
  if (error instanceof ControlPlaneError) return /cannot be reached|took no connection/.test(error.message);
  return isDatabaseUnavailable(error);
}
