import type { ErrorCode, Failure, SqlDeployError, Status } from '@postgres-manager/sql-deploy';
import { redact } from './secrecy.ts';

/** The library's codes and this app's own; each stands in docs/errors.md. */
export type StopCode = ErrorCode | 'usage' | 'file_unwritable' | 'defect';

/** A failure as this app reports it. Its code may be a service's own, of a newer version than this command. */
export type Stop = Omit<Failure, 'code'> & { readonly code: string };

/** What stops a command outside the library. */
export class CommandError extends Error {
  readonly code: StopCode;
  /** What to do next, for a person. */
  readonly hint: string;

  constructor(code: StopCode, message: string, hint: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.hint = hint;
  }
}

/** A failure that no file is to blame for. */
export function stopWithoutFile(code: string, message: string, hint: string): Stop {
  return { file: null, line: null, column: null, sourceLine: null, sqlstate: null, code, message, hint };
}

/**
 * Reads what was thrown. Anything but the two known errors is a defect, and shown with its stack.
 * @param dsn taken out of a defect's stack, which other people's code has written
 */
export function stopOf(error: unknown, dsn: string | null): Stop {
  if (isKnown(error)) return stopWithoutFile(error.code, error.message, error.hint);
  const text =
    error instanceof Error
      ? (error.stack ?? `${error.name}: ${error.message}`)
      : 'something that is no error was thrown';
  return stopWithoutFile(
    'defect',
    redact(text, dsn),
    'This is a defect of postgres-manager: please report it with these lines. ' +
      'Run `postgres-manager status` to see what is applied.',
  );
}

/** What a command's status is when it was stopped by an error of this code. */
export function statusOfStop(code: string): Status {
  switch (code) {
    case 'lock_busy':
      return 'busy';
    case 'unfinished_step':
      return 'needs_attention';
    case 'sql_error':
    case 'lock_timeout':
    case 'cancelled':
    case 'connection_lost':
    case 'hidden_commit':
    case 'lock_lost':
    case 'index_invalid':
    case 'defect':
      return 'failed';
    default:
      return 'refused';
  }
}

// By name: importing the class would load the whole library for commands that do without it.
function isKnown(error: unknown): error is SqlDeployError | CommandError {
  return error instanceof Error && (error.name === 'SqlDeployError' || error.name === 'CommandError');
}
