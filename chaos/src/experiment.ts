import type { Lab } from './harness/lab.ts';
import type { Random } from './random.ts';

export type Form = 'long' | 'short';

/** One thing that must always hold, judged from data: `violations` of `n` chances to break it. */
export interface Check {
  readonly claim: string;
  /** How many times it could have been broken. */
  readonly n: number;
  readonly violations: number;
  /** What was seen of the first violations. */
  readonly evidence: readonly string[];
}

/** What an experiment came to. */
export interface Outcome {
  /** What was done, by kind: `{'worker killed': 412}`. */
  readonly faults: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
  /** What else was measured, with its unit in the name. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** What could not be had on this machine, and why. */
  readonly skipped?: readonly string[];
}

export interface ExperimentContext<Size> {
  readonly lab: Lab;
  readonly random: Random;
  readonly size: Size;
  readonly form: Form;
  /** A line for whoever watches. */
  readonly say: (line: string) => void;
}

/** A file of `experiments/` holds one of these, made by `experiment`. */
export interface Experiment {
  /** The numbers of the invariants that it is about: DESIGN calls them so, and `--only` takes them. */
  readonly invariants: readonly number[];
  readonly name: string;
  /** In a sentence: what is done. */
  readonly does: string;
  run(context: Omit<ExperimentContext<never>, 'size'>): Promise<Outcome>;
}

/** Gives an experiment its two sizes. */
export function experiment<Size>(given: {
  readonly invariants: readonly number[];
  readonly name: string;
  readonly does: string;
  readonly sizes: Readonly<Record<Form, Size>>;
  readonly run: (context: ExperimentContext<Size>) => Promise<Outcome>;
}): Experiment {
  const { sizes, run, ...told } = given;
  return { ...told, run: (context) => run({ ...context, size: sizes[context.form] }) };
}

const MOST_EVIDENCE = 5;

/** Makes a check of what was found to be wrong. */
export function check(claim: string, n: number, wrong: readonly string[]): Check {
  return { claim, n, violations: wrong.length, evidence: wrong.slice(0, MOST_EVIDENCE) };
}

/** An experiment that had no chance to fail has shown nothing, unless it says why it could not be had here. */
export function hasPassed({ checks, skipped = [] }: Pick<Outcome, 'checks' | 'skipped'>): boolean {
  if (checks.length === 0) return skipped.length > 0;
  return checks.every(({ n, violations }) => n > 0 && violations === 0);
}
