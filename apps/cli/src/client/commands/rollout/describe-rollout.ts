import { fitColumns } from '../../../output/fit.ts';
import { labelled } from '../../../output/lists.ts';
import type { Paint } from '../../../output/paint.ts';
import type { ClientContext } from '../../client-context.ts';
import { statusCell } from '../../output/list-outcome.ts';
import { relativeTime } from '../../output/relative-time.ts';
import { numberIn, textIn } from '../../views/fields.ts';
import { type ClusterView, type Counts, endedOf, type RolloutView } from '../../views/rollout-view.ts';
import { waitingText } from '../waiting-text.ts';

const BAR_CELLS = 20;
const MOST_NAMED = 5;
const MOST_FILES = 12;

/** All about a rollout, for people. */
export function describeRollout(view: RolloutView, context: ClientContext, paint: Paint): string[] {
  const now = context.now();
  const time = (iso: string | null): string => (iso === null ? '-' : `${relativeTime(iso, now)}  (${paint.line(iso)})`);
  const status = statusCell(view.status, paint);
  return [
    `${paint.bold(`${view.dryRun ? 'dry run of ' : ''}${paint.line(view.mode)} on ${countText(view.targets, 'target')}`)}  ${status.paint?.(status.text) ?? status.text}`,
    labelled('id', paint.line(view.id)),
    ...reasonLines(view, paint),
    ...(view.waitingFor === null ? [] : [labelled('waits', paint.line(waitingText(view.waitingFor, now)))]),
    ...bundleLines(view, paint),
    labelled('asked for', `${time(view.createdAt)} by ${paint.line(view.createdBy)}`),
    labelled('began', time(view.startedAt)),
    labelled('ended', time(view.finishedAt)),
    labelled('budget', `${view.failures} of ${countText(view.failureBudget, 'failure')} used`),
    ...paceLines(view, now, paint),
    '',
    ...waveLines(view, paint),
    ...waitingLines(view, now, paint),
    ...planLines(view, paint),
    ...(view.dryRun ? [] : clusterLines(view.failed, paint)),
  ];
}

/** Each wave with its bar. */
export function waveLines({ waves, openWave }: RolloutView, paint: Paint): string[] {
  return waves.map(({ number, total, counts }) => {
    const line = `  wave ${String(number).padEnd(3)}[${bar(counts, total)}] ${endedOf(counts, total)} of ${total}  ${countsText(counts)}`;
    return number <= openWave ? line.trimEnd() : paint.dim(line.trimEnd());
  });
}

function bar(counts: Counts, total: number): string {
  const cells = (count: number): number => Math.floor((count / Math.max(1, total)) * BAR_CELLS);
  const done = cells(endedOf(counts, total));
  const started = Math.min(BAR_CELLS - done, Math.ceil(((counts['started'] ?? 0) / Math.max(1, total)) * BAR_CELLS));
  return `${'#'.repeat(done)}${'>'.repeat(started)}${'-'.repeat(BAR_CELLS - done - started)}`;
}

const STATE_WORDS: readonly (readonly [state: string, word: string])[] = [
  ['started', 'under way'],
  ['failed', 'failed'],
  ['needs_attention', 'need attention'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped'],
];

/** What there is to tell beside how many have ended: `2 under way, 1 failed`. */
export function countsText(counts: Counts): string {
  return STATE_WORDS.flatMap(([state, word]) => ((counts[state] ?? 0) > 0 ? [`${counts[state]} ${word}`] : [])).join(
    ', ',
  );
}

export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function reasonLines({ reason, status }: RolloutView, paint: Paint): string[] {
  if (reason === null || status === 'running') return [];
  const by = textIn(reason, 'by');
  return [labelled('why', `${paint.line(textIn(reason, 'reason') ?? '')}${by === null ? '' : ` (${paint.line(by)})`}`)];
}

function bundleLines({ bundle, bundles }: RolloutView, paint: Paint): string[] {
  const earlier =
    bundles.length > 1
      ? paint.dim(`  (the ${bundles.length}th of this rollout)`.replace('2th', '2nd').replace('3th', '3rd'))
      : '';
  return [labelled('bundle', `${paint.line(bundle)}${earlier}`)];
}

function paceLines({ pace }: RolloutView, now: number, paint: Paint): string[] {
  if (pace === null) return [];
  const end = textIn(pace, 'expectedEnd');
  const per = numberIn(pace, 'perMinute') ?? '?';
  return [
    labelled('pace', `${per} a minute${end === null ? '' : `, the last ${relativeTime(end, now)}`}`),
    labelled('', paint.dim(paint.line(textIn(pace, 'basis') ?? ''))),
  ];
}

function waitingLines({ waiting }: RolloutView, now: number, paint: Paint): string[] {
  if (waiting.length === 0) return [];
  return [
    '',
    ...waiting.map(
      ({ waitingFor, count, targets }) =>
        `  ${countText(count, 'target')} ${count === 1 ? 'waits' : 'wait'}: ${paint.line(waitingText(waitingFor, now))}  ${paint.dim(named(targets, count, paint))}`,
    ),
  ];
}

function planLines({ plan }: RolloutView, paint: Paint): string[] {
  if (plan === null) return [];
  const trouble = new Set(['changed', 'refused', 'unreachable', 'failed']);
  return plan.flatMap(({ kind, says, files, targets, count }) => [
    '',
    `  ${(trouble.has(kind) ? paint.red : paint.bold)(paint.line(says))}  ${paint.dim(named(targets, count, paint))}`,
    ...files.slice(0, MOST_FILES).map((file) => `    ${paint.line(file)}`),
    ...(files.length > MOST_FILES ? [`    and ${files.length - MOST_FILES} more`] : []),
  ]);
}

/** What failed, the same failures together. */
export function clusterLines(clusters: readonly ClusterView[], paint: Paint): string[] {
  return clusters.flatMap(({ file, line, code, sqlstate, message, hint, count, targets }) => [
    '',
    `  ${paint.red(`${file === null ? '' : `${paint.line(file)}${line === null ? '' : `:${line}`}  `}${paint.line(code)}${sqlstate === null ? '' : ` ${paint.line(sqlstate)}`}`)}  ${paint.line(message)}`,
    `    on ${countText(count, 'target')}: ${named(targets, count, paint)}`,
    ...(hint === '' ? [] : [`    ${paint.dim(paint.line(hint))}`]),
  ]);
}

function named(targets: readonly string[], count: number, paint: Paint): string {
  const shown = targets.slice(0, MOST_NAMED).map(paint.line);
  return `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`;
}

/** The picture that is redrawn while a rollout is followed: its waves, what failed, and its pace. */
export function rolloutPicture(view: RolloutView, now: number, columns: number, paint: Paint): string[] {
  const { counts, targets, status, waitingFor, pace, failed } = view;
  const end = pace === null ? null : textIn(pace, 'expectedEnd');
  const head = [
    `${status.replaceAll('_', ' ')}: ${endedOf(counts, targets)} of ${targets}`,
    countsText(counts),
    end === null ? '' : `the last ${Date.parse(end) - now < 5000 ? 'soon' : relativeTime(end, now)}`,
    waitingFor === null ? '' : waitingText(waitingFor, now),
  ];
  const lines = [
    head.filter((part) => part !== '').join(', '),
    ...waveLines(view, { ...paint, dim: (text) => text }).slice(0, 8),
    ...failed
      .slice(0, 3)
      .map(({ file, message, count }) => `  ${count} failed: ${file === null ? '' : `${file}: `}${message}`),
  ];
  return lines.map((line, index) => {
    const fitted = fitColumns(paint.line(line), Math.max(1, columns - 1));
    return index === 0 ? paint.bold(fitted) : line.includes(' failed: ') ? paint.red(fitted) : fitted;
  });
}
