import { type BaselineReport, enterBaseline, readBundle } from '@postgres-manager/sql-deploy';
import type { BaselineInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { describeFailure } from '../output/describe-failure.ts';
import { count } from '../output/duration.ts';
import { pathList } from '../output/lists.ts';
import type { Paint } from '../output/paint.ts';
import type { Watch } from '../signals.ts';
import { onTarget } from './on-target.ts';
import { requireFolder, targetOptions } from './target-options.ts';

/** Enters deployment files as applied without running them. */
export function runBaseline(invocation: BaselineInvocation, watch: Watch): Promise<Outcome> {
  const { target, upToOrdinal, dryRun } = invocation;
  return onTarget(watch, target, null, async () => {
    const options = targetOptions(target, watch);
    const bundle = await readBundle(invocation.root);
    requireFolder(bundle, 'deployment');
    const report = await enterBaseline({ ...options, bundle, upToOrdinal, dryRun });
    const { status, skipped, failed, durationMs } = report;
    const fields = { status, skipped, baselined: report.baselined.length, failed, durationMs };
    const extra = { dryRun, upToOrdinal, entered: report.baselined };
    return outcomeOf(fields, extra, (paint) => describe(report, dryRun, paint));
  });
}

function describe(report: BaselineReport, dryRun: boolean, paint: Paint): string[] {
  if (report.failed !== null) return describeFailure(report.failed, paint);
  const files = count(report.baselined.length, 'file');
  const done = dryRun
    ? `dry run, nothing was changed: ${files} would be entered`
    : `${files} entered as applied, without running them`;
  return [
    paint.green(`${done}; ${report.skipped} in the ledger before`),
    ...pathList(dryRun ? 'would enter' : 'entered', report.baselined, Number.POSITIVE_INFINITY, paint),
  ];
}
