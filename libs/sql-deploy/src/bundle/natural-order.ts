/**
 * Compares two texts by the bytes of their UTF-8 form, as `LC_ALL=C sort` does.
 * JavaScript's own `<` compares UTF-16 units, which puts U+1F600 before U+FF01; a locale would put `B` after `a`.
 */
export function compareBytewise(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters above U+FFFF: move them behind U+E000 to U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * The order of the sub-folders of `create/`: as a person counts, `2-x` before `10-x`.
 * Runs of the digits 0 to 9 are compared as whole numbers of any length, all else bytewise; what is equal
 * so far (`1-x` and `01-x`) is ordered bytewise, so that no two different names ever compare equal.
 */
export function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const endA = digitsEnd(a, i);
      const endB = digitsEnd(b, j);
      const order = compareDigits(a.slice(i, endA), b.slice(j, endB));
      if (order !== 0) return order;
      i = endA;
      j = endB;
    } else {
      const x = a.charCodeAt(i++);
      const y = b.charCodeAt(j++);
      if (x !== y) return codePointRank(x) - codePointRank(y);
    }
  }
  return a.length - i - (b.length - j) || compareBytewise(a, b);
}

/** By value, without turning into numbers: a run of digits may be longer than a number is exact. */
function compareDigits(a: string, b: string): number {
  const x = a.replace(/^0+/, '');
  const y = b.replace(/^0+/, '');
  return x.length - y.length || compareBytewise(x, y);
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0x30 && unit <= 0x39;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text, end)) end++;
  return end;
}
