import { type Labels } from '../targets/labels.ts';

/** Labels that a target is chosen by: each with one value, or any of several. */
export type Selector = Readonly<Record<string, string | readonly string[]>>;

/** Which targets a wave takes of those that no earlier wave has taken. */
export type WaveSelection =
  | { readonly selector: Selector }
  | { readonly percent: number }
  | { readonly count: number }
  | 'rest';

/** One canary, then a tenth, then the rest. */
export const DEFAULT_WAVES: readonly WaveSelection[] = [{ count: 1 }, { percent: 10 }, 'rest'];

/** What waves are made of. */
export interface Candidate {
  readonly name: string;
  readonly labels: Labels;
}

export interface PlannedWave<T extends Candidate> {
  readonly selection: WaveSelection;
  readonly targets: readonly T[];
}

/** Something wrong with the waves that were asked for. */
export interface WaveFault {
  /** Index of the wave; null: all of them together. */
  readonly wave: number | null;
  readonly message: string;
}

export function matchesSelector(labels: Labels, selector: Selector): boolean {
  return Object.entries(selector).every(([name, wanted]) => {
    const value = labels[name];
    return value !== undefined && (typeof wanted === 'string' ? value === wanted : wanted.includes(value));
  });
}

/**
 * Deals targets out to waves, in their order. Percentages are of all targets, rounded up. A wave for which nothing is
 * left is dropped; one whose labels nobody has is a fault, and so are targets that no wave takes.
 */
export function planWaves<T extends Candidate>(
  targets: readonly T[],
  selections: readonly WaveSelection[],
): { waves: PlannedWave<T>[]; faults: WaveFault[] } {
  const faults: WaveFault[] = [];
  const waves: PlannedWave<T>[] = [];
  let left = targets;
  for (const [index, selection] of selections.entries()) {
    const taken = take(left, selection, targets.length);
    if (taken.size > 0) waves.push({ selection, targets: left.filter((target) => taken.has(target)) });
    else if (isSelector(selection)) {
      faults.push({ wave: index, message: 'None of the targets that are left for it has these labels.' });
    }
    left = left.filter((target) => !taken.has(target));
  }
  if (left.length > 0) {
    const names = left.slice(0, 5).map((target) => target.name);
    const more = left.length > names.length ? ` and ${left.length - names.length} more` : '';
    faults.push({ wave: null, message: `No wave takes ${names.join(', ')}${more}: let the last one be "rest".` });
  }
  return { waves, faults };
}

function take<T extends Candidate>(left: readonly T[], selection: WaveSelection, total: number): Set<T> {
  if (selection === 'rest') return new Set(left);
  if (isSelector(selection)) return new Set(left.filter(({ labels }) => matchesSelector(labels, selection.selector)));
  const count = 'percent' in selection ? Math.ceil((total * selection.percent) / 100 - 1e-9) : selection.count;
  return new Set(left.slice(0, count));
}

function isSelector(selection: WaveSelection): selection is { readonly selector: Selector } {
  return selection !== 'rest' && 'selector' in selection;
}
