import type { Input } from '../api/client.ts';
import type { StartSettings } from './start-settings.ts';

export type DeploymentBody = Input<'createDeployment'>['body'];
export type RolloutBody = Input<'createRollout'>['body'];
type Wave = NonNullable<RolloutBody['waves']>[number];
type Selector = NonNullable<RolloutBody['selector']>;

/** What is sent for what the form says. */
export type StartRequest =
  | { readonly kind: 'deployment'; readonly body: DeploymentBody }
  | { readonly kind: 'rollout'; readonly body: RolloutBody };

/** What the form lacks or has wrong, by field. */
export type StartFaults = Readonly<Partial<Record<'targets' | 'waves' | 'budget' | 'window', string>>>;

const MOST_NAMES = 300;

/** What the form says, as it is to be sent; or what is wrong with it. What else may be wrong the service says. */
export function requestOf(
  settings: StartSettings,
):
  | { readonly request: StartRequest; readonly faults: null }
  | { readonly request: null; readonly faults: StartFaults } {
  return settings.scope === 'one' ? deploymentOf(settings) : rolloutOf(settings);
}

function deploymentOf(settings: StartSettings): ReturnType<typeof requestOf> {
  const [target = ''] = settings.targets;
  if (target === '') return { request: null, faults: { targets: 'Choose the target.' } };
  const { mode, onError } = settings;
  return {
    request: {
      kind: 'deployment',
      body: { target, mode, ...shared(settings), ...(mode === 'create' && onError === 'continue' ? { onError } : {}) },
    },
    faults: null,
  };
}

function rolloutOf(settings: StartSettings): ReturnType<typeof requestOf> {
  const { scope, targets, labels, mode, between, betweenSeconds, windowFrom, windowTo } = settings;
  const waves = parseWaves(settings.waves);
  const budget = parseBudget(settings.budget);
  const faults: Record<string, string> = {};
  if (scope === 'names') Object.assign(faults, faultOfNames(targets));
  if (waves === null) faults['waves'] = 'Write numbers, percentages, name:value and rest, as in 1, 10%, rest.';
  if (budget === null) faults['budget'] = 'Write a number of targets, or a percentage.';
  if ((windowFrom === '') !== (windowTo === '')) faults['window'] = 'Give both its beginning and its end.';
  if (waves === null || budget === null || Object.keys(faults).length > 0) return { request: null, faults };
  return {
    request: {
      kind: 'rollout',
      body: {
        mode,
        ...shared(settings),
        ...(scope === 'names' ? { targets } : { selector: selectorOf(labels) }),
        waves,
        failureBudget: budget,
        maxParallel: Number(settings.maxParallel),
        maxParallelPerServer: Number(settings.maxParallelPerServer),
        between: between === 'seconds' ? { seconds: Number(betweenSeconds) } : between,
        ...(windowFrom === '' ? {} : { window: windowOf(settings) }),
      },
    },
    faults: null,
  };
}

function faultOfNames({ length }: readonly string[]): StartFaults {
  if (length === 0) return { targets: 'Name the targets.' };
  // They stand in the address, which servers take up to a length.
  return length > MOST_NAMES ? { targets: `More than ${MOST_NAMES} names: choose them by label.` } : {};
}

function shared({ bundle, priority, notBefore }: StartSettings): {
  bundle?: string;
  priority?: number;
  notBefore?: string;
} {
  return {
    ...(bundle === '' ? {} : { bundle }),
    ...(Number(priority) === 0 ? {} : { priority: Number(priority) }),
    ...(notBefore === '' ? {} : { notBefore }),
  };
}

function windowOf({ windowFrom, windowTo, windowDays, timeZone }: StartSettings): NonNullable<RolloutBody['window']> {
  const days = windowDays as NonNullable<NonNullable<RolloutBody['window']>['days']>;
  return { from: windowFrom, to: windowTo, timeZone, ...(days.length === 0 ? {} : { days }) };
}

/** `env:production` and the like as the API takes them: several values of one label are either of them. */
export function selectorOf(labels: readonly string[]): Selector {
  const values: Record<string, string[]> = {};
  for (const pair of labels) {
    const colon = pair.indexOf(':');
    if (colon > 0) (values[pair.slice(0, colon)] ??= []).push(pair.slice(colon + 1));
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, list]) => [name, list.length === 1 ? (list[0] ?? '') : list]),
  );
}

/** Whether a target with these labels is one of those that a selector takes. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: Selector): boolean {
  return Object.entries(selector).every(([name, wanted]) => {
    const value = labels[name];
    return value !== undefined && (typeof wanted === 'string' ? value === wanted : wanted.includes(value));
  });
}

/** `1, 10%, env:staging, rest`; null for what is none of that. */
export function parseWaves(text: string): Wave[] | null {
  const waves = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(parseWave);
  const whole = waves.filter((wave) => wave !== null);
  return whole.length === 0 || whole.length < waves.length ? null : whole;
}

function parseWave(text: string): Wave | null {
  if (text === 'rest') return 'rest';
  if (/^\d+$/.test(text)) return { count: Number(text) };
  if (/^\d+(?:\.\d+)?\s*%$/.test(text)) return { percent: Number.parseFloat(text) };
  if (/^[^:\s]+:\S+$/.test(text)) return { selector: selectorOf([text]) };
  return null;
}

/** `3` or `5%`; null for anything else. */
export function parseBudget(text: string): { count: number } | { percent: number } | null {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return { count: Number(trimmed) };
  if (/^\d+(?:\.\d+)?\s*%$/.test(trimmed)) return { percent: Number.parseFloat(trimmed) };
  return null;
}
