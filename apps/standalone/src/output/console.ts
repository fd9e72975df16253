/** Where `npm start` speaks to people. Without colours the marking functions give their text back as it is. */
export interface Console {
  line(text?: string): void;
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

/** Speaks on standard output, in colour where a terminal listens and NO_COLOR is not set. */
export function createConsole(colored: boolean): Console {
  const mark = (on: number, off: number) => (text: string) => (colored ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return {
    line: (text = '') => {
      process.stdout.write(`${text}\n`);
    },
    bold: mark(1, 22),
    dim: mark(2, 22),
    green: mark(32, 39),
    red: mark(31, 39),
  };
}
