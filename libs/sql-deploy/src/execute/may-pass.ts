import type { ErrorCode } from '../errors.ts';
import type { Failure } from './report.ts';

/**
 * A server that is away, starting up or full; a table that others kept locked through all of the run's own retries;
 * a connection that broke.
 */
const PASSES: ReadonlySet<ErrorCode> = new Set(['unreachable', 'lock_timeout', 'connection_lost']);

/**
 * Whether a failure may be gone at the next attempt without anybody's doing. False for what needs a person: a wrong
 * password or database, TLS, SQL that fails, a guard. A busy lock is no failure but a status of its own.
 */
export function mayPass(failure: Failure): boolean {
  return PASSES.has(failure.code);
}
