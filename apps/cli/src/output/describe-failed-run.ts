import type { ErrorCode, Failure, Report } from '@postgres-manager/sql-deploy';
import { describeFailure, describeProblems } from './describe-failure.ts';
import { count, formatDuration } from './duration.ts';
import { labelled, pathList } from './lists.ts';
import type { Paint } from './paint.ts';

const MAX_LISTED = 20;
const LEAVES_TRACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'hidden_commit',
  'lock_lost',
  'connection_lost',
  'index_invalid',
]);

/**
 * What a person reads when a run did not succeed: what went wrong, what is true now, what to do.
 * @param advice what to do now; without it, what is right for a run on a DSN
 */
export function describeFailedRun(report: Report, paint: Paint, advice = whatToDo(report)): string[] {
  const failures = report.failures.length > 0 || report.failed === null ? report.failures : [report.failed];
  return [
    ...describeProblems(report.problems, paint),
    ...failures.flatMap((failure) => describeFailure(failure, paint)),
    '',
    paint.red(headline(report)),
    ...(report.status === 'invalid' ? [] : stateOfFiles(report, paint)),
    labelled('what to do now', paint.line(advice)),
  ];
}

function headline(report: Report): string {
  const time = formatDuration(report.durationMs);
  switch (report.status) {
    case 'invalid':
      return `${count(report.problems.length, 'problem')} found; ${report.applied.length === 0 ? 'nothing was applied' : 'see above'}`;
    case 'busy':
      return `busy: another run holds the target (waited ${time})`;
    case 'refused':
      return `refused after ${time}: ${report.applied.length === 0 ? 'nothing was applied' : `${report.applied.length} applied`}`;
    case 'needs_attention':
      return `needs attention: a step was interrupted, and only a person can tell what became of it (${time})`;
    default:
      if (report.failed?.code === 'cancelled') {
        return `cancelled after ${time}: ${report.applied.length} applied, ${report.notStarted.length} not started`;
      }
      return (
        `failed after ${time}: ${report.applied.length} applied, ` +
        `${count(uniqueFiles(failuresOf(report)).length, 'file')} failed, ${report.notStarted.length} not started`
      );
  }
}

function stateOfFiles(report: Report, paint: Paint): string[] {
  const failed = failuresOf(report).filter((failure) => failure.file !== null);
  const unfinished = uniqueFiles(failed.filter((failure) => mayHaveLeftTraces(failure, report)));
  const rolledBack = uniqueFiles(failed).filter((path) => !unfinished.includes(path));
  return [
    ...pathList('applied', report.applied, MAX_LISTED, paint),
    ...pathList('rolled back', rolledBack, MAX_LISTED, paint),
    ...pathList('unfinished', unfinished, MAX_LISTED, paint),
    ...pathList('not started', report.notStarted, MAX_LISTED, paint),
    ...(report.skipped > 0 ? [labelled('applied before', String(report.skipped))] : []),
    ...(report.baselined > 0 ? [labelled('baselined', String(report.baselined))] : []),
  ];
}

// Only of a transaction that surely ended in a rollback may it be said that nothing of the file is left.
function mayHaveLeftTraces(failure: Failure, report: Report): boolean {
  if (report.status === 'needs_attention') return true;
  const step = report.planned.find((planned) => planned.path === failure.file);
  return step?.transactional === false || LEAVES_TRACES.has(failure.code);
}

// A refusal may name a file too (one that changed after it was applied), but nothing of it was run.
function failuresOf(report: Report): readonly Failure[] {
  if (report.status === 'refused' || report.status === 'busy') return [];
  return report.failures.length > 0 || report.failed === null ? report.failures : [report.failed];
}

function uniqueFiles(failures: readonly Failure[]): string[] {
  return [...new Set(failures.map((failure) => failure.file).filter((file) => file !== null))];
}

function whatToDo(report: Report): string {
  switch (report.status) {
    case 'invalid':
      return 'mend the files above and run the same command again';
    case 'busy':
      return 'run the same command again when the other run has ended, or wait longer with --lock-wait';
    case 'refused':
      return report.failed?.hint
        ? 'follow the hint above, then run the same command again'
        : 'run the same command again';
    case 'needs_attention':
      return (
        'look at the target, then say what is true: ' +
        `postgres-manager resolve --postgres-dsn … ${report.failed?.file ?? 'FILE'} --applied|--not-applied`
      );
    default:
      return report.failed?.code === 'cancelled'
        ? 'run the same command again: it carries on with what is not applied'
        : 'mend the cause and run the same command again: it carries on with what is not applied';
  }
}
