import { block, oneLine } from './sanitize.ts';

/** Marks up what people read; without colours every function gives its text back as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  /** Makes foreign text harmless, in one line. */
  readonly line: (text: string) => string;
  /** Makes foreign text harmless, keeping its lines. */
  readonly block: (text: string) => string;
}

/** A paint with colours or without. */
export function createPaint(colored: boolean): Paint {
  const sgr = (on: number, off: number) => (text: string) => (colored ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    line: oneLine,
    block,
  };
}
