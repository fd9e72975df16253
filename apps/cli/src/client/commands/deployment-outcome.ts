import type { Problem, Report, Status } from '@postgres-manager/sql-deploy';
import { type Outcome, outcomeOf } from '../../outcome.ts';
import { describeSuccess } from '../../output/describe-success.ts';
import { failureFields } from '../../output/json.ts';
import { statusOfStop, type Stop, stopWithoutFile } from '../../stop.ts';
import type { ClientContext } from '../client-context.ts';
import type { DeploymentView } from '../views/deployment-view.ts';

/** How a deployment ended, with the status, exit code and words of a run on a DSN. */
export function deploymentOutcome(view: DeploymentView, problems: readonly Problem[], context: ClientContext): Outcome {
  const report = reportOf(view, problems);
  const { mode, status, applied, skipped, baselined, durationMs, dryRun, planned, notStarted, adopted } = report;
  const failed: Stop | null = report.failed;
  const fields = { mode, status, applied, skipped, baselined, failed, problems, durationMs };
  const extra = {
    deployment: view.id,
    target: view.target,
    deploymentStatus: view.status,
    attempts: view.attempts.length,
    dryRun,
    planned,
    notStarted,
    adopted,
    failures: report.failures.map(failureFields),
    bundleDigest: view.bundle,
  };
  return outcomeOf(fields, extra, async (paint) => {
    if (status === 'succeeded' || status === 'nothing_to_do') return describeSuccess(report, paint);
    const { describeFailedRun } = await import('../../output/describe-failed-run.ts');
    // The failure of files that are not in order is their first problem over again.
    const told = problems.length > 0 ? { ...report, failed: null, failures: [] } : report;
    return describeFailedRun(told, paint, adviceFor(view, report, context));
  });
}

/** A deployment in the words of a run's report. */
export function reportOf(view: DeploymentView, problems: readonly Problem[]): Report {
  const failed = failureOf(view);
  const failures = view.summary?.failures ?? [];
  const steps = (statuses: readonly string[]): string[] =>
    view.steps.filter((step) => statuses.includes(step.status)).map((step) => step.path);
  return {
    mode: view.mode,
    status: statusOf(view, failed),
    dryRun: view.dryRun,
    bundleDigest: view.bundle,
    applied: view.summary?.applied ?? steps(['applied']),
    skipped: view.summary?.skipped ?? 0,
    baselined: view.summary?.baselined ?? 0,
    adopted: view.summary?.adopted ?? 0,
    notStarted: view.summary?.notStarted ?? steps(['planned', 'not_started']),
    planned: view.steps.map(({ path, sha256, transactional, statementCount }) => ({
      path,
      sha256,
      transactional,
      statementCount,
    })),
    // Codes may be the service's own: they are only shown.
    failed: failed as Report['failed'],
    failures: (failures.length > 0 || failed === null ? failures : [failed]) as Report['failures'],
    problems,
    durationMs: durationOf(view),
    ledger: null,
  };
}

function failureOf(view: DeploymentView): Stop | null {
  if (view.failure !== null || view.status === 'succeeded') return view.failure;
  if (view.status !== 'cancelled') return view.summary?.failures[0] ?? null;
  const by = view.cancelRequestedBy === null ? '' : ` by ${view.cancelRequestedBy}`;
  return stopWithoutFile('cancelled', `the deployment was cancelled${by}`, '');
}

/** A cancelled run is a failed one with the code `cancelled`, as it is on a DSN. */
function statusOf(view: DeploymentView, failed: Stop | null): Status {
  switch (view.status) {
    case 'succeeded':
      return view.summary?.result === 'nothing_to_do' ? 'nothing_to_do' : 'succeeded';
    case 'cancelled':
      return 'failed';
    case 'needs_attention':
      return 'needs_attention';
    default:
      return statusOfFailure(view.summary?.result ?? null, failed);
  }
}

const FAILED_RESULTS: readonly string[] = ['failed', 'invalid', 'refused', 'busy', 'needs_attention'];

function statusOfFailure(result: Status | null, failed: Stop | null): Status {
  if (result !== null && FAILED_RESULTS.includes(result)) return result;
  switch (failed?.code) {
    case undefined:
    case 'internal_error':
    case 'outcome_unknown':
      return 'failed';
    case 'bundle_invalid':
      return 'invalid';
    default:
      return statusOfStop(failed?.code ?? 'defect');
  }
}

function durationOf({ startedAt, finishedAt, createdAt }: DeploymentView): number {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? createdAt);
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** Without evidence of a file nobody has an answer to give: a retry asks the target. */
function adviceForPerson(view: DeploymentView, path: string | null, context: ClientContext): string {
  if (path === null) return `follow the hint above, then ${context.commandLine(`retry ${view.id}`)}`;
  if (view.dryRun) return 'deploy it without --dry-run: that deployment takes the answer';
  const command = context.commandLine(`resolve ${view.id} ${path} --applied|--not-applied`);
  return `look at the target, then say what is true: ${command}`;
}

/** Codes may be the service's own. */
function textOf(code: string | undefined): string {
  return code ?? '';
}

function adviceFor(view: DeploymentView, report: Report, context: ClientContext): string {
  const retry = context.commandLine(`retry ${view.id}`);
  switch (report.status) {
    case 'invalid':
      return 'mend the files above and deploy again';
    case 'needs_attention':
      return adviceForPerson(view, report.failed?.evidence?.path ?? null, context);
    case 'busy':
    case 'refused':
      return `${report.failed?.hint ? 'follow the hint above, then' : 'when the cause is gone'} ${retry}`;
    default:
      if (textOf(report.failed?.code) === 'approval_rejected') return 'talk to whoever rejected it; then deploy anew';
      return report.failed?.code === 'cancelled'
        ? `to carry on with what is not applied: ${retry}`
        : `mend the files and deploy again, or with the same files ${retry}`;
  }
}
