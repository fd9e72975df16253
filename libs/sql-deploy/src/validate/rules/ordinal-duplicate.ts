import type { Bundle, Folder } from '../../bundle/bundle.ts';
import { compareBytewise } from '../../bundle/natural-order.ts';
import { formatOrdinal, MAX_ORDINAL } from '../../bundle/ordinal.ts';
import { ordinalEntries } from '../ordinal-entries.ts';
import { fileProblem, type Problem } from '../problem.ts';
import { renameOffers } from '../rename-offers.ts';
import type { Rule } from '../rule.ts';

/** Rule ordinal-duplicate: no ordinal twice in a folder. One problem for each file beyond the first. */
export const ordinalDuplicate: Rule = (bundle) => [
  ...duplicates(bundle, 'deployment', 'close'),
  ...duplicates(bundle, 'manual-deployment', 'keep'),
];

function duplicates(bundle: Bundle, folder: Folder, holes: 'close' | 'keep'): Problem[] {
  const entries = ordinalEntries(bundle, folder);
  const wellNamed = entries.filter((entry) => entry.faults.length === 0 && !entry.placeholder);
  wellNamed.sort((a, b) => compareBytewise(a.name, b.name));
  const first = new Map<number, string>();
  const problems: Problem[] = [];
  let offers: ReadonlyMap<string, string> | null = null;
  for (const { ordinal, name, path } of wellNamed) {
    if (ordinal === null) continue;
    const other = first.get(ordinal);
    if (other === undefined) {
      first.set(ordinal, name);
      continue;
    }
    offers ??= renameOffers(entries, holes);
    problems.push(duplicateProblem(folder, path, ordinal, other, offers.get(name)));
  }
  return problems;
}

function duplicateProblem(
  folder: Folder,
  path: string,
  ordinal: number,
  other: string,
  offered: string | undefined,
): Problem {
  return fileProblem(
    'ordinal-duplicate',
    path,
    `Ordinal ${formatOrdinal(ordinal)} is taken already, by ${other}.`,
    offered === undefined
      ? `Rename it; no ordinal is left above the highest in ${folder}/, for they end at ${MAX_ORDINAL}.`
      : `Of the two, rename the one that has not been applied anywhere; if that is this file, to ${offered}.`,
  );
}
