import type { Mode } from '../bundle/bundle.ts';
import { ledgerKey } from '../plan/files.ts';
import type { LedgerState } from '../plan/ledger-state.ts';
import { appliedByDeployment } from './applied-by-deployment.ts';
import { asStopped } from './failure.ts';
import { openTarget } from './open-target.ts';
import type { TargetOptions } from './options.ts';
import type { AppliedFile, Failure } from './report.ts';
import { flush } from './settle-target.ts';

export interface ReadRunOptions extends TargetOptions {
  /** The `deploymentId` that the run was given. */
  readonly deploymentId: string;
  /** The mode it ran in; other folders are then left out. Default: all. */
  readonly mode?: Mode;
}

/** A non-transactional file that the run began and did not finish. */
export interface UnfinishedFile {
  readonly path: string;
  /** Of the file's bytes as they were run. */
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly statementsDone: number;
  /** From 1: the statement that was under way when word was last heard; null between statements. */
  readonly statementRunning: number | null;
}

/** What became of a run. */
export interface RunOutcome {
  /** `settled`: what is told is true and stays so. Else nothing is known, and `failed` says why. */
  readonly status: 'settled' | 'busy' | 'refused' | 'failed';
  /** Oldest first. */
  readonly applied: readonly AppliedFile[];
  readonly unfinished: readonly UnfinishedFile[];
  readonly failed: Failure | null;
}

/**
 * Tells what became of a run, from the target's ledger alone. The lock is taken as a run takes it (a run that was given
 * up on is ended for it), so that nobody is executing there while the ledger is read, and what it says is on disk.
 * @throws RangeError for a run id that can't be one; all else is in the outcome
 */
export async function readRun(options: ReadRunOptions): Promise<RunOutcome> {
  try {
    const target = await openTarget(options, options.mode ?? 'deployment', false);
    try {
      const outcome = settled(options, target.contents.state);
      if (outcome.applied.length > 0) await flush(target.session, target.facts);
      return outcome;
    } finally {
      await target.session.close();
    }
  } catch (error) {
    const { status, failure } = asStopped(error);
    const known = status === 'busy' || status === 'refused' ? status : 'failed';
    return { status: known, applied: [], unfinished: [], failed: failure };
  }
}

function settled({ deploymentId, mode }: ReadRunOptions, state: LedgerState): RunOutcome {
  const isAsked = (path: string): boolean => mode === undefined || path.startsWith(`${mode}/`);
  const unfinished = state.intents
    .filter((row) => row.deploymentId === deploymentId)
    .map(({ folder, fileName, sha256, startedAt, statementsDone, statementRunning }) => ({
      path: ledgerKey(folder, fileName),
      sha256,
      startedAt,
      statementsDone,
      statementRunning,
    }));
  return {
    status: 'settled',
    applied: appliedByDeployment(deploymentId, state).filter(({ path }) => isAsked(path)),
    unfinished: unfinished.filter(({ path }) => isAsked(path)),
    failed: null,
  };
}
