import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Bundle, deploy, parseDsn, readBundle, readStatus, type TargetStatus } from '@postgres-manager/sql-deploy';
import { ControlPlaneError } from '../errors.ts';

const SCHEMA_ROOT = fileURLToPath(new URL('../../schema', import.meta.url));
/** Another process that starts at the same moment may be at it. */
const LOCK_WAIT_MS = 60_000;
const PAUSE_MS = 250;

/**
 * Brings the control database's schema up to this program's, with the tool itself. Several processes may start
 * together: one does it, the others wait. A database that a newer process has changed already is left as it is, since
 * changes only ever add.
 * @param connectTimeoutMs how long a server that is away is tried
 * @throws ControlPlaneError control_database_unavailable
 */
export async function migrateControlDatabase(dsn: string, connectTimeoutMs: number): Promise<void> {
  const bundle = await readBundle(SCHEMA_ROOT);
  const connection = parseDsn(dsn);
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const status = await readStatus({ connection, bundle, connectTimeoutMs });
    if (status.failed !== null) throw unavailable(status.failed.message, status.failed.hint);
    if (hasEverything(status, bundle)) return;
    const report = await deploy({
      connection,
      bundle,
      mode: 'deployment',
      appliedBy: 'postgres-manager',
      connectTimeoutMs,
      lockWaitMs: LOCK_WAIT_MS,
    });
    if (report.status === 'succeeded' || report.status === 'nothing_to_do') return;
    // A newer process got there first: then all of ours is applied, and more.
    if (report.failed?.code !== 'missing_file' || performance.now() > deadline) {
      throw unavailable(report.failed?.message ?? 'Its files are not in order.', report.failed?.hint ?? '');
    }
    await pause(PAUSE_MS);
  }
}

function hasEverything(status: TargetStatus, bundle: Bundle): boolean {
  const applied = new Set(status.files.filter((file) => file.state === 'applied').map((file) => file.path));
  return bundle.files.every((file) => applied.has(file.path));
}

function unavailable(message: string, hint: string): ControlPlaneError {
  return new ControlPlaneError('control_database_unavailable', `The control database cannot be used. ${message}`, hint);
}
