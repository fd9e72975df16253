import type { Problem } from '@postgres-manager/sql-deploy';
import type { OutcomeStatus } from '../../outcome.ts';

/** What stops a command for a service: the service's own refusal, or that it could not be asked. */
export class ServiceError extends Error {
  /** The service's code, such as target_unknown, or one of this command's: see docs/errors.md. */
  readonly code: string;
  /** What to do next, for a person; may be empty. */
  readonly hint: string;
  readonly status: OutcomeStatus;
  readonly exitCode: number;
  readonly problems: readonly Problem[];

  constructor(
    code: string,
    message: string,
    hint: string,
    ending: {
      readonly exitCode: number;
      readonly status?: OutcomeStatus;
      readonly problems?: readonly Problem[];
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: ending.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.hint = hint;
    this.exitCode = ending.exitCode;
    this.status = ending.status ?? 'refused';
    this.problems = ending.problems ?? [];
  }
}

/** The service answered what this command does not understand. */
export function strangeAnswer(what: string): ServiceError {
  return new ServiceError(
    'service_answer',
    `the service answered something that this command does not understand: ${what}`,
    'Check that --server is the address of Postgres Manager and not of something before it, and that both are of about the same version.',
    { exitCode: 4 },
  );
}
