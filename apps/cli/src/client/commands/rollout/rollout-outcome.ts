import type { Mode } from '@postgres-manager/sql-deploy';
import { type Outcome, outcomeOf, type OutcomeStatus } from '../../../outcome.ts';
import type { Paint } from '../../../output/paint.ts';
import { stopWithoutFile, type Stop } from '../../../stop.ts';
import type { ClientContext } from '../../client-context.ts';
import { textIn } from '../../views/fields.ts';
import type { RolloutView } from '../../views/rollout-view.ts';
import { clusterLines, countText, describeRollout, waveLines } from './describe-rollout.ts';

/** How a rollout ended, or where it stopped, with the words and exit codes of a deployment. */
export function rolloutOutcome(view: RolloutView, context: ClientContext): Outcome {
  const { id, mode, status, counts, targets, dryRun, bundle, failed, plan } = view;
  const extra = {
    rollout: id,
    rolloutStatus: status,
    dryRun,
    targets,
    counts,
    failures: failed,
    plan,
    bundleDigest: bundle,
  };
  const fields = { mode: mode as Mode, status: statusOf(view), failed: stopOf(view), durationMs: durationOf(view) };
  return outcomeOf(fields, extra, (paint) => [
    '',
    ...(dryRun ? describeRollout(view, context, paint) : summaryLines(view, context, paint)),
  ]);
}

function statusOf({ status, counts }: RolloutView): OutcomeStatus {
  if (status === 'succeeded') return 'succeeded';
  return (counts['needs_attention'] ?? 0) > 0 ? 'needs_attention' : 'failed';
}

/** The most frequent failure; or that it was cancelled. */
function stopOf({ status, failed, reason }: RolloutView): Stop | null {
  const [first] = failed;
  if (status === 'succeeded') return null;
  if (first !== undefined && status !== 'cancelled') {
    const { file, line, sqlstate, code, message, hint } = first;
    return { file, line, column: null, sourceLine: null, sqlstate, code, message, hint };
  }
  const why = reason === null ? null : textIn(reason, 'reason');
  return stopWithoutFile('cancelled', `the rollout was cancelled${why === null ? '' : `: ${why}`}`, '');
}

function durationOf({ startedAt, finishedAt, createdAt }: RolloutView): number {
  const ms = Date.parse(finishedAt ?? new Date().toISOString()) - Date.parse(startedAt ?? createdAt);
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function summaryLines(view: RolloutView, context: ClientContext, paint: Paint): string[] {
  const { status, counts, targets, failed } = view;
  const said = `${status}: ${counts['succeeded'] ?? 0} of ${countText(targets, 'target')} succeeded`;
  const rest = (['failed', 'needs_attention', 'cancelled', 'skipped', 'pending'] as const).flatMap((state) =>
    (counts[state] ?? 0) > 0 ? [`${counts[state]} ${WORDS[state]}`] : [],
  );
  return [
    (status === 'succeeded' ? paint.green : paint.red)([said, ...rest].join(', ')),
    ...waveLines(view, paint),
    ...clusterLines(failed, paint),
    ...adviceLines(view, context, paint),
  ];
}

const WORDS = {
  failed: 'failed',
  needs_attention: 'need attention',
  cancelled: 'cancelled',
  skipped: 'skipped',
  pending: 'not started',
} as const;

function adviceLines({ id, status, counts }: RolloutView, context: ClientContext, paint: Paint): string[] {
  const command = (words: string): string => context.commandLine(`rollout ${words}`);
  if (status === 'stopped') {
    return [
      '',
      paint.bold('what to do now'),
      `  mend the files and go on with them:  ${command(`resume ${id} --bundle DIR --wait`)}`,
      `  the targets are mended, try again:   ${command(`retry-failed ${id} --wait`)}`,
      `  go on in spite of the failures:      ${command(`resume ${id} --wait`)}`,
      `  leave targets out:                   ${command(`skip ${id} --targets NAME --reason WHY`)}`,
      `  give it up:                          ${command(`cancel ${id}`)}`,
    ];
  }
  const amiss = (counts['failed'] ?? 0) + (counts['needs_attention'] ?? 0) + (counts['cancelled'] ?? 0);
  if (status !== 'failed' || amiss === 0) return [];
  return [
    '',
    paint.bold('what to do now'),
    `  mend the files and try again:   ${command(`retry-failed ${id} --bundle DIR --wait`)}`,
    `  the targets are mended:         ${command(`retry-failed ${id} --wait`)}`,
  ];
}
