/**
 * The known word that was probably meant, or null.
 * Near enough is a third of the letters, and never more than three slips (a swap of neighbours is one slip).
 */
export function didYouMean<T extends string>(word: string, known: readonly T[]): T | null {
  const given = word.toLowerCase();
  const allowed = Math.min(3, Math.max(1, Math.floor(given.length / 3)));
  let best: { readonly word: T; readonly slips: number } | null = null;
  for (const candidate of known) {
    const slips = countSlips(given, candidate);
    if (slips <= allowed && (best === null || slips < best.slips)) best = { word: candidate, slips };
  }
  return best?.word ?? null;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
function countSlips(a: string, b: string): number {
  // A pasted text of megabytes is no typing slip, and the table below would be as large.
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let slips = Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        slips = Math.min(slips, at(beforeLast, j - 2) + 1);
      row.push(slips);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
