import { counted, durationText } from '../ui/time-text.ts';
import { type Plan, sumOf } from './plan.ts';
import type { StartRequest } from './start-request.ts';

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Says what starting will do, sentence by sentence, from what is sent and what the plan found. */
export function whatWillHappen(request: StartRequest, plan: Plan): string[] {
  const { needy, troubled } = sumOf(plan);
  const most = Math.max(0, ...plan.groups.map(({ files }) => files.length));
  const sentences =
    request.kind === 'deployment' ? ofOne(request.body, most) : ofMany(request.body, plan, { needy, troubled, most });
  if (request.body.priority !== undefined) {
    sentences.push(`It has priority ${request.body.priority} in the line of each target.`);
  }
  sentences.push(
    request.body.notBefore === undefined
      ? 'It begins as soon as a worker takes it.'
      : `It does not begin before ${ABSOLUTE.format(Date.parse(request.body.notBefore))}.`,
  );
  return sentences;
}

function ofOne(
  { target, onError, mode }: Extract<StartRequest, { kind: 'deployment' }>['body'],
  files: number,
): string[] {
  const sentences = [
    `${counted(files, 'file')} will be applied to ${target}, in the order shown, each once.`,
    onError === 'continue'
      ? 'It goes on after a file that fails, and lists those that did.'
      : 'It stops at the first file that fails: that file is rolled back, those before it stay applied, those after it are not started.',
  ];
  if (mode === 'create') {
    sentences.push(
      'With the last file in, all of deployment/ is entered as applied, because create/ holds those changes.',
    );
  }
  return sentences;
}

function ofMany(
  body: Extract<StartRequest, { kind: 'rollout' }>['body'],
  plan: Plan,
  { needy, troubled, most }: { readonly needy: number; readonly troubled: number; readonly most: number },
): string[] {
  const { between, failureBudget, window, maxParallel, maxParallelPerServer } = body;
  const waves = plan.waves ?? [];
  const rest = plan.targets - needy - troubled;
  return [
    `Up to ${counted(most, 'file')} will be applied to each of ${counted(needy, 'target')}${rest > 0 ? `; ${rest.toLocaleString('en')} need nothing` : ''}.`,
    ...(troubled > 0
      ? [`${counted(troubled, 'target')} will fail, as the plan found them: each counts against the failure budget.`]
      : []),
    `They go in ${counted(waves.length, 'wave')} of ${list(waves)}, ${maxParallel ?? 20} at a time, ${maxParallelPerServer ?? 4} on one server.`,
    ...(waves.length > 1 ? [betweenText(between)] : []),
    budgetText(failureBudget, plan.targets),
    ...(window === undefined
      ? []
      : [
          `Only between ${window.from} and ${window.to} (${window.timeZone ?? 'UTC'})${window.days === undefined ? '' : ` on ${window.days.join(', ')}`} are targets started.`,
        ]),
  ];
}

function betweenText(between: Extract<StartRequest, { kind: 'rollout' }>['body']['between']): string {
  if (between === 'manual') return 'After each wave it waits until somebody promotes it.';
  if (typeof between === 'object') return `After each wave it waits for ${durationText(between.seconds * 1000)}.`;
  return 'Each wave begins when the one before it has ended.';
}

function budgetText(
  budget: Extract<StartRequest, { kind: 'rollout' }>['body']['failureBudget'],
  targets: number,
): string {
  const count =
    budget === undefined ? 0 : 'count' in budget ? budget.count : Math.floor((targets * budget.percent) / 100);
  return count === 0
    ? 'With the first target that fails nothing more is started.'
    : `When more than ${counted(count, 'target')} failed, nothing more is started.`;
}

function list(numbers: readonly number[]): string {
  const texts = numbers.map((number) => number.toLocaleString('en'));
  return texts.length < 2
    ? `${texts.join('')} targets`
    : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)} targets`;
}
