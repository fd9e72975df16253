import type { Mode, Problem, Status } from '@postgres-manager/sql-deploy';
import { exitCodeOf } from './exit-codes.ts';
import type { Paint } from './output/paint.ts';
import { statusOfStop, type Stop } from './stop.ts';

/** `accepted`: a server has it, and how it ends is not known here. */
export type OutcomeStatus = Status | 'accepted';

/** The keys that the last line of `--json` always has, in their order. */
export interface ResultFields {
  readonly mode: Mode | null;
  readonly status: OutcomeStatus;
  readonly applied: readonly string[];
  readonly skipped: number;
  readonly baselined: number;
  readonly failed: Stop | null;
  readonly problems: readonly Problem[];
  readonly durationMs: number;
}

/** How a command ended: for machines, for people, and for the shell. */
export interface Outcome {
  readonly exitCode: number;
  readonly result: ResultFields;
  /** Keys that only this command's result has; they follow the others. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** What was asked for, each an object of its own: with `--json` one line each before the result. */
  readonly items?: readonly object[];
  /** The lines a person reads. */
  readonly describe: (paint: Paint) => readonly string[] | Promise<readonly string[]>;
  /** The work is still under way and won't be waited for: the process has to be ended. */
  readonly abandoned?: true;
}

/** An outcome from the fields that are not empty. */
export function outcomeOf(
  fields: Partial<ResultFields> & Pick<ResultFields, 'status'>,
  extra: Readonly<Record<string, unknown>>,
  describe: Outcome['describe'],
): Outcome {
  const result: ResultFields = {
    mode: null,
    applied: [],
    skipped: 0,
    baselined: 0,
    failed: null,
    problems: [],
    durationMs: 0,
    ...fields,
  };
  return { exitCode: exitCodeOf(result.status, result.failed?.code ?? null), result, extra, describe };
}

/** The outcome of a command that was stopped by an error. */
export function outcomeOfStop(stop: Stop, mode: Mode | null, durationMs: number): Outcome {
  return outcomeOf({ status: statusOfStop(stop.code), mode, failed: stop, durationMs }, {}, (paint) => [
    `${paint.red('postgres-manager:')} ${paint.block(stop.message)}`,
    ...(stop.hint === '' ? [] : [`  ${paint.block(stop.hint)}`]),
  ]);
}

/** The outcome of a command line that could not be understood. */
export function outcomeOfFaults(faults: readonly string[], mode: Mode | null): Outcome {
  const hint = 'Run `postgres-manager --help` for the usage.';
  const failed: Stop = {
    file: null,
    line: null,
    column: null,
    sourceLine: null,
    sqlstate: null,
    code: 'usage',
    message: faults.join('; '),
    hint,
  };
  return outcomeOf({ status: 'refused', mode, failed }, { faults }, (paint) =>
    faults.length === 1
      ? [`${paint.red('postgres-manager:')} ${faults[0]}`, hint]
      : [
          `${paint.red('postgres-manager:')} ${faults.length} things are wrong with this command line`,
          ...faults.map((fault) => `  - ${fault}`),
          hint,
        ],
  );
}
