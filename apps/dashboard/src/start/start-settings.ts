import type { AddressSettings } from '../routing/address.ts';

/** Where it goes: to one target (a deployment), or to several (a rollout). */
export type Scope = 'one' | 'labels' | 'names';
export type Mode = 'create' | 'deployment' | 'manual-deployment';
export const MODES: readonly Mode[] = ['deployment', 'create', 'manual-deployment'];
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** What the form says. All of it stands in the address, so that others can lead here with some of it filled in. */
export interface StartSettings {
  readonly scope: Scope;
  readonly targets: readonly string[];
  /** `env:production`; two values of one label are either of them. */
  readonly labels: readonly string[];
  readonly mode: Mode;
  /** Empty: the server's own folders, as they are when the plan is made. */
  readonly bundle: string;
  readonly priority: string;
  /** ISO; empty: at once. */
  readonly notBefore: string;
  readonly onError: 'stop' | 'continue';
  /** `1, 10%, rest`, also `env:staging`. */
  readonly waves: string;
  /** `0` or `5%`. */
  readonly budget: string;
  readonly between: 'auto' | 'manual' | 'seconds';
  readonly betweenSeconds: string;
  readonly maxParallel: string;
  readonly maxParallelPerServer: string;
  /** Both empty: any time. */
  readonly windowFrom: string;
  readonly windowTo: string;
  readonly windowDays: readonly string[];
  readonly timeZone: string;
}

/** The API's own defaults: what is not said is as if nothing had been sent. */
export const DEFAULTS = {
  waves: '1, 10%, rest',
  budget: '0',
  maxParallel: '20',
  maxParallelPerServer: '4',
  priority: '0',
  betweenSeconds: '600',
} as const;

/** Reads the form out of the address. */
export function settingsOf(address: Pick<AddressSettings, 'get' | 'all'>): StartSettings {
  const targets = address.all('target');
  const labels = address.all('label');
  const asked = address.get('scope');
  const guessed: Scope = targets.length > 1 ? 'names' : labels.length > 0 ? 'labels' : 'one';
  const mode = address.get('mode');
  const between = address.get('between');
  return {
    scope: asked === 'one' || asked === 'labels' || asked === 'names' ? asked : guessed,
    targets,
    labels,
    mode: MODES.find((one) => one === mode) ?? 'deployment',
    bundle: /^[0-9a-f]{64}$/.test(address.get('bundle')) ? address.get('bundle') : '',
    priority: address.get('priority') || DEFAULTS.priority,
    notBefore: address.get('notBefore'),
    onError: address.get('onError') === 'continue' ? 'continue' : 'stop',
    waves: address.get('waves') || DEFAULTS.waves,
    budget: address.get('budget') || DEFAULTS.budget,
    between: between === 'manual' || between === 'seconds' ? between : 'auto',
    betweenSeconds: address.get('betweenSeconds') || DEFAULTS.betweenSeconds,
    maxParallel: address.get('maxParallel') || DEFAULTS.maxParallel,
    maxParallelPerServer: address.get('maxParallelPerServer') || DEFAULTS.maxParallelPerServer,
    windowFrom: address.get('windowFrom'),
    windowTo: address.get('windowTo'),
    windowDays: address.all('day').filter((day) => (DAYS as readonly string[]).includes(day)),
    timeZone: address.get('timeZone') || Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
