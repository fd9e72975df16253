import { formatOrdinal } from '../../bundle/ordinal.ts';
import { type OrdinalEntry, ordinalEntries } from '../ordinal-entries.ts';
import { fileProblem, type Problem } from '../problem.ts';
import { renameOffers } from '../rename-offers.ts';
import type { Rule } from '../rule.ts';

/**
 * Rule ordinal-gap: the ordinals of `deployment/` run 00000, 00001, … without a hole, so that a file lost in a merge
 * is noticed. One problem for each file that comes after a hole; manual-deployment may have holes.
 */
export const ordinalGap: Rule = (bundle) => {
  const entries = ordinalEntries(bundle, 'deployment');
  const gaps = findGaps(entries);
  if (gaps.length === 0) return [];
  const offers = renameOffers(entries, 'close');
  const numbered = entries.filter((entry) => entry.ordinal !== null);
  return gaps.map((gap) => gapProblem(gap, offers.get(gap.entry.name), followers(numbered, gap.entry)));
};

interface Gap {
  /** The first well-named file after the hole. */
  readonly entry: OrdinalEntry;
  /** The ordinals that are missing, as runs of first and last. */
  readonly missing: readonly (readonly [number, number])[];
}

function findGaps(entries: readonly OrdinalEntry[]): Gap[] {
  const gaps: Gap[] = [];
  let missing: (readonly [number, number])[] = [];
  let expected = 0;
  for (const entry of byOrdinal(entries)) {
    const ordinal = entry.ordinal ?? expected;
    if (ordinal > expected) missing.push([expected, ordinal - 1]);
    expected = Math.max(expected, ordinal + 1);
    // A misnamed file fills the place it is meant for; only one that is named well can show a hole.
    if (missing.length > 0 && entry.faults.length === 0) {
      gaps.push({ entry, missing });
      missing = [];
    }
  }
  return gaps;
}

function byOrdinal(entries: readonly OrdinalEntry[]): OrdinalEntry[] {
  return entries
    .filter((entry) => entry.ordinal !== null)
    .sort((a, b) => (a.ordinal ?? 0) - (b.ordinal ?? 0) || a.faults.length - b.faults.length);
}

function followers(entries: readonly OrdinalEntry[], entry: OrdinalEntry): number {
  return entries.filter((other) => (other.ordinal ?? 0) > (entry.ordinal ?? 0)).length;
}

function gapProblem({ entry, missing }: Gap, offered: string | undefined, after: number): Problem {
  const runs = missing.map(([first, last]) =>
    first === last ? formatOrdinal(first) : `${formatOrdinal(first)} to ${formatOrdinal(last)}`,
  );
  const [one] = missing;
  const single = missing.length === 1 && one?.[0] === one?.[1];
  const files = single ? 'file' : 'files';
  const start = one?.[0] === 0 ? 'Ordinals begin at 00000: ' : '';
  const noun = `${start === '' ? 'O' : 'o'}rdinal${single ? '' : 's'}`;
  const rest = after === 0 ? '' : `, and number the ${after === 1 ? 'file' : `${after} files`} after it on from there`;
  return fileProblem(
    'ordinal-gap',
    entry.path,
    `${start}${noun} ${runs.join(' and ')} ${single ? 'is' : 'are'} missing before this file.`,
    offered === undefined
      ? `Add the missing ${files}.`
      : `Add the missing ${files}, or rename this file to ${offered}${rest}.`,
  );
}
