/** Cuts a text so that it takes at most so many columns of a terminal. */
export function fitColumns(text: string, columns: number): string {
  let taken = 0;
  let end = 0;
  for (const character of text) {
    taken += columnsOf(character.codePointAt(0) ?? 0);
    if (taken > columns) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** East Asian wide characters and emoji take two columns (Unicode UAX 11), marks that combine none. */
function columnsOf(codePoint: number): 0 | 1 | 2 {
  if (codePoint >= 0x300 && codePoint <= 0x36f) return 0;
  const wide =
    (codePoint >= 0x1100 && codePoint <= 0x115f) ||
    (codePoint >= 0x2e80 && codePoint <= 0xa4cf) ||
    (codePoint >= 0xac00 && codePoint <= 0xd7a3) ||
    (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
    (codePoint >= 0xfe30 && codePoint <= 0xfe6f) ||
    (codePoint >= 0xff00 && codePoint <= 0xff60) ||
    (codePoint >= 0xffe0 && codePoint <= 0xffe6) ||
    (codePoint >= 0x1f300 && codePoint <= 0x1faff) ||
    (codePoint >= 0x20000 && codePoint <= 0x3fffd);
  return wide ? 2 : 1;
}

/** How many columns of a terminal a text takes. */
export function columnsOfText(text: string): number {
  let taken = 0;
  for (const character of text) taken += columnsOf(character.codePointAt(0) ?? 0);
  return taken;
}
