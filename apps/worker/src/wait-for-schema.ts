import { setTimeout as pause } from 'node:timers/promises';
import { ControlPlaneError, migrateControlDatabase } from '@postgres-manager/control-plane';
import type { Logger } from 'pino';

const TRY_MS = 5000;
const PAUSE_MS = 1000;
const SAY_EVERY_MS = 30_000;

/**
 * Brings the control database's schema up to date; for as long as that database is away it is tried again.
 * @throws whatever is not about the control database being away
 */
export async function waitForSchema(databaseUrl: string, log: Logger): Promise<void> {
  let saidAt = -Infinity;
  for (;;) {
    try {
      await migrateControlDatabase(databaseUrl, TRY_MS);
      return;
    } catch (error) {
      if (!(error instanceof ControlPlaneError) || error.code !== 'control_database_unavailable') throw error;
      if (performance.now() - saidAt > SAY_EVERY_MS) {
        saidAt = performance.now();
        log.warn({ hint: error.hint }, `${error.message} It is tried again until it answers.`);
      }
      await pause(PAUSE_MS);
    }
  }
}
