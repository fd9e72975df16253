import { outcomeOf } from '../../outcome.ts';
import { describeFailure } from '../../output/describe-failure.ts';
import { formatDuration } from '../../output/duration.ts';
import { failureFields } from '../../output/json.ts';
import { labelled } from '../../output/lists.ts';
import type { Paint } from '../../output/paint.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import { statusCell } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { type Cell, tableLines } from '../output/table.ts';
import { type AttemptView, type DeploymentView, readDeployment, type StepView } from '../views/deployment-view.ts';
import { expectRecord } from '../views/fields.ts';
import { waitingText } from './waiting-text.ts';

const MOST_STEPS = 200;

/** Shows everything about one deployment. The exit code is 0, whatever became of it. */
export const runShowDeployment: ClientCommand<{ readonly id: string }> = async ({ id }, context) => {
  const path = `/v1/deployments/${encodeURIComponent(id)}`;
  const { body } = await context.service.ask({ method: 'GET', path });
  const fields = expectRecord(body, 'the deployment');
  const view = readDeployment(fields);
  const { mode, summary } = view;
  const result = {
    mode,
    status: 'succeeded',
    applied: summary?.applied ?? [],
    skipped: summary?.skipped ?? 0,
  } as const;
  const extra = {
    deployment: view.id,
    target: view.target,
    deploymentStatus: view.status,
    failure: view.failure === null ? null : failureFields(view.failure),
  };
  return {
    ...outcomeOf(result, extra, (paint) => describe(view, context, paint)),
    items: [{ ...fields, type: 'deployment' }],
  };
};

function describe(view: DeploymentView, context: ClientContext, paint: Paint): string[] {
  const status = statusCell(view.status, paint);
  const now = context.now();
  const time = (iso: string | null): string => (iso === null ? '-' : `${relativeTime(iso, now)}  (${paint.line(iso)})`);
  const failures = view.summary?.failures ?? [];
  const shownFailures = failures.length > 0 ? failures : view.failure === null ? [] : [view.failure];
  return [
    `${paint.bold(paint.line(`${view.dryRun ? 'dry run of ' : ''}${view.mode} of ${view.target}`))}  ${status.paint?.(status.text) ?? status.text}`,
    labelled('id', paint.line(view.id)),
    ...(view.waitingFor === null ? [] : [labelled('waits', paint.line(waitingText(view.waitingFor, now)))]),
    labelled('bundle', paint.line(view.bundle)),
    labelled('asked for', `${time(view.createdAt)} by ${paint.line(view.createdBy)}`),
    ...(view.approval === null
      ? []
      : [labelled('approved', `${time(view.approval.at)} by ${paint.line(view.approval.by)}`)]),
    labelled('began', time(view.startedAt)),
    labelled('ended', time(view.finishedAt)),
    ...(view.cancelRequestedBy === null ? [] : [labelled('cancelled by', paint.line(view.cancelRequestedBy))]),
    ...originLines(view, paint),
    ...summaryLine(view),
    ...attemptLines(view, context, paint),
    ...stepLines(view, context, paint),
    ...(shownFailures.length === 0 ? [] : ['', ...shownFailures.flatMap((failure) => describeFailure(failure, paint))]),
  ];
}

/** Which one it makes again, or settles. */
function originLines({ retryOf, resolution }: DeploymentView, paint: Paint): string[] {
  if (retryOf === null) return [];
  if (resolution === null) return [labelled('retry of', paint.line(retryOf))];
  return [
    labelled('settles', paint.line(retryOf)),
    labelled('answer', paint.line(`${resolution.file} ${resolution.outcome.replace('-', ' ')}`)),
  ];
}

function summaryLine({ summary }: DeploymentView): string[] {
  if (summary === null) return [];
  const parts = [
    `${summary.applied.length} applied`,
    `${summary.skipped} applied before`,
    ...(summary.baselined > 0 ? [`${summary.baselined} baselined`] : []),
    ...(summary.adopted > 0 ? [`${summary.adopted} taken over`] : []),
    ...(summary.notStarted.length > 0 ? [`${summary.notStarted.length} not started`] : []),
  ];
  return [labelled('files', parts.join(', '))];
}

function attemptLines({ attempts }: DeploymentView, { columns, now }: ClientContext, paint: Paint): string[] {
  // What there is to say of a single one is said by the lines above and below.
  if (attempts.length < 2) return [];
  const rows = attempts.map((attempt): Cell[] => [
    { text: String(attempt.number) },
    { text: (attempt.outcome ?? 'running').replaceAll('_', ' ') },
    { text: relativeTime(attempt.startedAt, now()) },
    { text: durationOf(attempt) },
    { text: attempt.worker },
    { text: attempt.failure?.message ?? '', paint: paint.dim },
  ]);
  const titles = [
    { title: 'ATTEMPT' },
    { title: 'OUTCOME' },
    { title: 'BEGAN' },
    { title: 'TOOK' },
    { title: 'WORKER', least: 8, rank: 1 },
    { title: 'WHY', least: 16 },
  ];
  return ['', ...tableLines(titles, rows, columns, paint)];
}

function durationOf({ startedAt, finishedAt }: AttemptView): string {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt);
  return Number.isNaN(ms) ? '' : formatDuration(ms);
}

function stepLines({ steps }: DeploymentView, { columns }: ClientContext, paint: Paint): string[] {
  if (steps.length === 0) return [];
  const rows = steps
    .slice(0, MOST_STEPS)
    .map((step): Cell[] => [
      { text: step.path },
      stepCell(step, paint),
      { text: step.durationMs === null ? '' : formatDuration(step.durationMs) },
    ]);
  const more = steps.length - rows.length;
  const titles = [{ title: 'FILE', least: 20 }, { title: 'STATUS' }, { title: 'TOOK' }];
  return [
    '',
    ...tableLines(titles, rows, columns, paint),
    ...(more > 0 ? [paint.dim(`and ${more} more: --json shows all`)] : []),
  ];
}

function stepCell({ status, transactional }: StepView, paint: Paint): Cell {
  const text = `${status.replaceAll('_', ' ')}${transactional ? '' : ' (not in a transaction)'}`;
  const color =
    status === 'applied'
      ? paint.green
      : status === 'failed' || status === 'needs_attention'
        ? paint.red
        : status === 'running'
          ? paint.yellow
          : paint.dim;
  return { text, paint: color };
}
