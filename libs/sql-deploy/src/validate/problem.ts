export type RuleName =
  | 'file-name'
  | 'ordinal-gap'
  | 'ordinal-duplicate'
  | 'order-manifest'
  | 'stray-file'
  | 'file-access'
  | 'case-collision'
  | 'encoding'
  | 'syntax'
  | 'transaction-control'
  | 'session-escape';

/** A finding of the validator: what is wrong where, and how to mend it. */
export interface Problem {
  readonly rule: RuleName;
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** 1-based; null where the finding is about the file as a whole or its name. */
  readonly line: number | null;
  /** 1-based, in characters (code points); null when `line` is. */
  readonly column: number | null;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** How to mend it, one sentence or two. */
  readonly hint: string;
  /** The line of the file that `line` names, without its line break; null without a line. */
  readonly sourceLine: string | null;
}

/** Problems in the order a person mends them: folder, path, position, rule. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      compare(a.path, b.path) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A problem of a whole file or name: no position. */
export function fileProblem(rule: RuleName, path: string, message: string, hint: string): Problem {
  return { rule, path, line: null, column: null, message, hint, sourceLine: null };
}
