import type { Mode } from '@postgres-manager/sql-deploy';
import { exitCodeOfSignal } from '../exit-codes.ts';
import type { TargetFlags } from '../invocation.ts';
import { type Outcome, outcomeOfStop } from '../outcome.ts';
import type { Watch } from '../signals.ts';
import { stopOf } from '../stop.ts';

/**
 * Does work on a target, and ends it in an outcome whatever happens: an error, a signal, a second signal.
 * After a signal the exit code is the signal's, whatever became of the work.
 */
export async function onTarget(
  watch: Watch,
  target: TargetFlags,
  mode: Mode | null,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const startedAt = Date.now();
  watch.arm();
  const ended = work().catch((error: unknown) =>
    outcomeOfStop(stopOf(error, target.dsn), mode, Date.now() - startedAt),
  );
  const outcome = await Promise.race([ended, watch.patienceEnded.then(() => null)]);
  const signal = watch.received();
  if (outcome === null) {
    const { abandonedOutcome } = await import('./abandoned-outcome.ts');
    return abandonedOutcome(watch.record, signal ?? 'SIGINT', mode);
  }
  return signal === null ? outcome : { ...outcome, exitCode: exitCodeOfSignal(signal) };
}
