import type { Bundle } from '../bundle/bundle.ts';
import { formatOrdinal, parseOrdinalName } from '../bundle/ordinal.ts';
import { SqlDeployError } from '../errors.ts';
import { filesOfMode, ledgerKey } from '../plan/files.ts';
import type { TargetOptions } from './options.ts';
import type { Failure, Status } from './report.ts';
import { asStopped } from './failure.ts';
import { enter, onTarget } from './settle-target.ts';

/** Which files to enter in the ledger as applied, without running them. */
export interface BaselineOptions extends TargetOptions {
  readonly bundle: Bundle;
  /** The highest ordinal of `deployment/` to enter, itself included: 12 for `00012-…`. */
  readonly upToOrdinal: number;
  readonly dryRun?: boolean;
}

export interface BaselineReport {
  readonly status: Status;
  /** Paths entered by this call. */
  readonly baselined: readonly string[];
  /** How many of the files asked for were in the ledger already. */
  readonly skipped: number;
  readonly failed: Failure | null;
  readonly durationMs: number;
}

/**
 * Enters deployment files in the ledger as applied, without running them, for an instance that was brought
 * there by other means.
 */
export async function enterBaseline(options: BaselineOptions): Promise<BaselineReport> {
  const started = performance.now();
  const asked = filesOfMode(options.bundle, 'deployment').filter(
    (file) => (parseOrdinalName(file.name)?.ordinal ?? Number.POSITIVE_INFINITY) <= options.upToOrdinal,
  );
  const report = (status: Status, baselined: readonly string[], failed: Failure | null): BaselineReport => ({
    status,
    baselined,
    skipped: failed === null ? asked.length - baselined.length : 0,
    failed,
    durationMs: Math.round(performance.now() - started),
  });
  try {
    const files = filesOfMode(options.bundle, 'deployment');
    if (!files.some((file) => parseOrdinalName(file.name)?.ordinal === options.upToOrdinal)) {
      throw new SqlDeployError(
        'file_unknown',
        `No file in deployment/ has the ordinal ${formatOrdinal(options.upToOrdinal)}. Nothing was changed.`,
        `Give the ordinal of the last file that is there already; the highest is ${files.at(-1)?.path ?? 'none'}.`,
      );
    }
    return await onTarget(options, options.dryRun === true, async (target) => {
      const known = new Set([
        ...target.contents.state.rows.map((row) => ledgerKey(row.folder, row.fileName)),
        ...target.contents.state.unadopted.map((row) =>
          ledgerKey(row.manualDeployment ? 'manual-deployment' : 'deployment', row.fileName),
        ),
      ]);
      const entered = asked.filter((file) => !known.has(file.path));
      if (options.dryRun !== true) await enter(options, target, entered, 'baseline');
      return report(
        entered.length > 0 ? 'succeeded' : 'nothing_to_do',
        entered.map((file) => file.path),
        null,
      );
    });
  } catch (error) {
    const { status, failure } = asStopped(error);
    return report(status, [], failure);
  }
}
