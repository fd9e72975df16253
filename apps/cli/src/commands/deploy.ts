import { deploy, readBundle, type Report } from '@postgres-manager/sql-deploy';
import type { DeployInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { describeSuccess } from '../output/describe-success.ts';
import { failureFields } from '../output/json.ts';
import type { Watch } from '../signals.ts';
import { onTarget } from './on-target.ts';
import { requireFolder, targetOptions } from './target-options.ts';

/** Brings the folder of the mode to the target. */
export function runDeploy(invocation: DeployInvocation, watch: Watch): Promise<Outcome> {
  const { target, mode, dryRun, onError, baseline, force } = invocation;
  return onTarget(watch, target, mode, async () => {
    const options = targetOptions(target, watch);
    const bundle = await readBundle(invocation.root);
    requireFolder(bundle, mode);
    return deployOutcome(await deploy({ ...options, bundle, mode, dryRun, onError, baseline, force }));
  });
}

/** A report as an outcome. */
export function deployOutcome(report: Report): Outcome {
  const { dryRun, planned, notStarted, adopted, bundleDigest } = report;
  const failures = report.failures.map(failureFields);
  const extra = { dryRun, planned, notStarted, adopted, failures, bundleDigest };
  const { mode, status, applied, skipped, baselined, failed, problems, durationMs } = report;
  const fields = { mode, status, applied, skipped, baselined, failed, problems, durationMs };
  return outcomeOf(fields, extra, async (paint) => {
    if (status === 'succeeded' || status === 'nothing_to_do') return describeSuccess(report, paint);
    // Loaded for the runs that need it: a run with nothing to do is counted in milliseconds.
    const { describeFailedRun } = await import('../output/describe-failed-run.ts');
    return describeFailedRun(report, paint);
  });
}
