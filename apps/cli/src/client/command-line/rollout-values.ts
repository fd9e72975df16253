import type { Source } from '../../values.ts';

/** Labels, each with one value or several. */
export type Selector = Readonly<Record<string, string | readonly string[]>>;

export type WaveWish =
  | { readonly count: number }
  | { readonly percent: number }
  | { readonly selector: Selector }
  | 'rest';
export type BudgetWish = { readonly count: number } | { readonly percent: number };
export type BetweenWish = 'auto' | 'manual' | { readonly seconds: number };
export interface WindowWish {
  readonly days?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly timeZone?: string;
}

const LABEL = /^([A-Za-z0-9][A-Za-z0-9_./-]{0,62})=([^\p{Cc}@]{0,200})$/u;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const COUNT = /^[1-9]\d{0,4}$/;
const PERCENT = /^(\d{1,3}(?:\.\d{1,2})?)%$/;

/** Reads labels that may come several times: `--label region=eu --label region=us` is either of the two. */
export function readSelector(texts: readonly string[], faults: string[]): Selector {
  const selector: Record<string, string | readonly string[]> = {};
  for (const text of texts) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined || value.includes('://')) {
      faults.push('--label must be a name and a value, such as env=staging');
      continue;
    }
    const before = selector[name];
    selector[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
  }
  return selector;
}

/** Reads names that are separated by commas. */
export function readNames(source: Source | null, faults: string[]): readonly string[] | null {
  if (source === null) return null;
  const names = source.text.split(',').filter((name) => name !== '');
  if (names.length > 0 && names.every((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))) return names;
  faults.push(`${source.label} must be names of targets, separated by commas`);
  return null;
}

/** Reads waves: `1,10%,region=eu|us,rest`. */
export function readWaves(source: Source | null, faults: string[]): readonly WaveWish[] | null {
  if (source === null) return null;
  const waves = source.text.split(',').map(readWave);
  if (waves.every((wave) => wave !== null)) return waves;
  faults.push(`${source.label} must be waves separated by commas, such as 1,10%,rest or env=test,env=prod`);
  return null;
}

function readWave(text: string): WaveWish | null {
  if (text === 'rest') return 'rest';
  if (COUNT.test(text)) return { count: Number(text) };
  const [, percent] = PERCENT.exec(text) ?? [];
  if (percent !== undefined) return Number(percent) > 0 && Number(percent) <= 100 ? { percent: Number(percent) } : null;
  const [, name, value] = LABEL.exec(text) ?? [];
  if (name === undefined || value === undefined) return null;
  return { selector: { [name]: value.includes('|') ? value.split('|') : value } };
}

/** Reads how many may fail: `3`, or `5%`. */
export function readBudget(source: Source | null, faults: string[]): BudgetWish | null {
  if (source === null) return null;
  const [, percent] = PERCENT.exec(source.text) ?? [];
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) };
  if (/^\d{1,5}$/.test(source.text)) return { count: Number(source.text) };
  faults.push(`${source.label} must be a number of targets, or a share of all such as 5%`);
  return null;
}

/** Reads what comes between waves: `auto`, `manual`, or seconds. */
export function readBetween(source: Source | null, faults: string[]): BetweenWish | null {
  if (source === null) return null;
  if (source.text === 'auto' || source.text === 'manual') return source.text;
  if (/^[1-9]\d{0,5}$/.test(source.text)) return { seconds: Number(source.text) };
  faults.push(`${source.label} must be auto, manual, or a number of seconds`);
  return null;
}

/** Reads a window: `22:00-04:00`, `mon-fri 22:00-04:00 Europe/Berlin`, `sat,sun 00:00-06:00`. */
export function readWindow(source: Source | null, faults: string[]): WindowWish | null {
  if (source === null) return null;
  const [, days, from, to, timeZone] =
    /^(?:([a-z,-]+) +)?(\d{2}:\d{2})-(\d{2}:\d{2})(?: +([A-Za-z0-9_+/-]+))?$/.exec(source.text) ?? [];
  const list = days === undefined ? undefined : readDays(days);
  if (from === undefined || to === undefined || list === null) {
    faults.push(
      `${source.label} must be such as 'mon-fri 22:00-04:00 Europe/Berlin'; days and time zone may be left out`,
    );
    return null;
  }
  return { from, to, ...(list === undefined ? {} : { days: list }), ...(timeZone === undefined ? {} : { timeZone }) };
}

function readDays(text: string): string[] | null {
  const days: string[] = [];
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (from === -1 || to === -1 || more.length > 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.push(DAYS[day] ?? '');
      if (day === to) break;
    }
  }
  return [...new Set(days)];
}
