import { type FileState, readBundle, readStatus } from '@postgres-manager/sql-deploy';
import type { StatusInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf, outcomeOfStop } from '../outcome.ts';
import { describeStatus } from '../output/describe-status.ts';
import type { Watch } from '../signals.ts';
import { onTarget } from './on-target.ts';
import { requireFolder, targetOptions } from './target-options.ts';

/** Shows what is applied, pending, changed and missing. Pending files are no failure: the exit code is 0. */
export function runStatus(invocation: StatusInvocation, watch: Watch): Promise<Outcome> {
  const startedAt = Date.now();
  return onTarget(watch, invocation.target, null, async () => {
    const options = targetOptions(invocation.target, watch);
    const bundle = await readBundle(invocation.root);
    requireFolder(bundle, null);
    const status = await readStatus({ ...options, bundle });
    const durationMs = Date.now() - startedAt;
    if (status.failed !== null) return outcomeOfStop(status.failed, null, durationMs);
    const paths = (state: FileState): string[] =>
      status.files.filter((file) => file.state === state).map((file) => file.path);
    const { database, serverVersion, hasLedger, create, files } = status;
    const lists = {
      pending: paths('pending'),
      changed: paths('changed'),
      missing: paths('missing'),
      outOfOrder: paths('out_of_order'),
      unfinished: paths('unfinished'),
    };
    const extra = { ...lists, database, serverVersion, hasLedger, create, files };
    return outcomeOf({ status: 'succeeded', applied: paths('applied'), durationMs }, extra, (paint) =>
      describeStatus(status, paint),
    );
  });
}
