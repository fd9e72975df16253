import { readBundle, resolveStep } from '@postgres-manager/sql-deploy';
import type { ResolveInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { describeFailure } from '../output/describe-failure.ts';
import type { Watch } from '../signals.ts';
import { onTarget } from './on-target.ts';
import { requireFolder, targetOptions } from './target-options.ts';

/** Settles a step that was interrupted and that only a person can judge. */
export function runResolve(invocation: ResolveInvocation, watch: Watch): Promise<Outcome> {
  const startedAt = Date.now();
  const { target, outcome } = invocation;
  return onTarget(watch, target, null, async () => {
    const options = targetOptions(target, watch);
    const bundle = await readBundle(invocation.root);
    requireFolder(bundle, null);
    const path = invocation.file.replace(/^\.\//, '').replaceAll('\\', '/');
    const report = await resolveStep({ ...options, bundle, path, outcome });
    const fields = { status: report.status, failed: report.failed, durationMs: Date.now() - startedAt };
    return outcomeOf(fields, { path: report.path, outcome: report.outcome }, (paint) => {
      if (report.failed !== null) return describeFailure(report.failed, paint);
      const said = outcome === 'applied' ? 'is entered as applied' : 'is forgotten, and runs again from its start';
      return [paint.green(`${paint.line(report.path)} ${said}`)];
    });
  });
}
