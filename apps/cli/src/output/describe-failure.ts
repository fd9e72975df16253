import type { Problem } from '@postgres-manager/sql-deploy';
import type { Stop } from '../stop.ts';
import { excerptLines, place } from './excerpt.ts';
import type { Paint } from './paint.ts';

/** A failure: where, SQLSTATE, message, the line with a caret, what to do. */
export function describeFailure(failure: Stop, paint: Paint): string[] {
  const where = failure.file === null ? '' : `${place(failure.file, failure.line, failure.column, paint)}  `;
  const code = failure.sqlstate === null ? failure.code : `${failure.code} ${failure.sqlstate}`;
  return [
    `${where}${paint.red(code)}  ${paint.block(failure.message)}`,
    ...excerptLines(failure.sourceLine, failure.column, paint),
    ...(failure.hint === '' ? [] : [`  hint: ${paint.block(failure.hint)}`]),
  ];
}

/** Problems in the order given, an empty line between files. */
export function describeProblems(problems: readonly Problem[], paint: Paint): string[] {
  return problems.flatMap((problem, i) => [
    ...(i > 0 && problems[i - 1]?.path !== problem.path ? [''] : []),
    `${place(problem.path, problem.line, problem.column, paint)}  ${paint.yellow(problem.rule)}  ${paint.block(problem.message)}`,
    ...excerptLines(problem.sourceLine, problem.column, paint),
    ...(problem.hint === '' ? [] : [`  mend: ${paint.block(problem.hint)}`]),
  ]);
}
