import type { Bundle } from '../bundle/bundle.ts';
import { SqlDeployError } from '../errors.ts';
import { ledgerKey } from '../plan/files.ts';
import { fileMissing, settleIntent } from './carry-out-resolution.ts';
import type { TargetOptions } from './options.ts';
import type { Failure, Status } from './report.ts';
import { asStopped } from './failure.ts';
import { enter, onTarget } from './settle-target.ts';

/** Which interrupted step a person has looked at, and what they found. */
export interface ResolveOptions extends TargetOptions {
  /** The file's path, relative to the root: `deployment/00007-index.sql`. */
  readonly path: string;
  /** `applied`: enter it in the ledger as done. `not_applied`: forget the attempt, so that it runs again from its start. */
  readonly outcome: 'applied' | 'not_applied';
  /** Needed for `applied`: it holds the file as it was run. */
  readonly bundle: Bundle;
}

export interface ResolveReport {
  readonly status: Status;
  readonly path: string;
  readonly outcome: 'applied' | 'not_applied';
  readonly failed: Failure | null;
}

/**
 * Settles a step that was interrupted and that only a person can judge. A file of a create that is not complete
 * can be called applied as well: its work may have been done by hand.
 */
export async function resolveStep(options: ResolveOptions): Promise<ResolveReport> {
  const { path, outcome } = options;
  try {
    return await onTarget(options, false, async (target) => {
      const { state } = target.contents;
      const intent = state.intents.find((row) => ledgerKey(row.folder, row.fileName) === path);
      const file = options.bundle.files.find((candidate) => candidate.path === path);
      const openCreate =
        outcome === 'applied' &&
        file?.folder === 'create' &&
        state.create === 'started' &&
        !state.rows.some((row) => ledgerKey(row.folder, row.fileName) === path);
      if (intent === undefined && !openCreate) throw nothingToResolve(path);
      if (intent !== undefined) {
        await settleIntent(options, target, intent, outcome);
      } else {
        if (file === undefined) throw fileMissing(path);
        await enter(options, target, [file], 'resolved');
      }
      return { status: 'succeeded', path, outcome, failed: null };
    });
  } catch (error) {
    const { status, failure } = asStopped(error);
    return { status, path, outcome, failed: failure };
  }
}

function nothingToResolve(path: string): SqlDeployError {
  return new SqlDeployError(
    'file_unknown',
    `${path} does not wait to be settled on this target. Nothing was changed.`,
    'postgres-manager status lists the files that do, as `unfinished`. Give the path as it stands there.',
  );
}
