/**
 * The codes this library reports, in errors that stop a run and in the `failed` part of a report.
 * Each stands in docs/errors.md with its meaning and what to do.
 */
export type ErrorCode =
  // wrong input of the caller
  | 'dsn_invalid'
  | 'root_missing'
  | 'folder_missing'
  | 'bundle_path_invalid'
  | 'file_unknown'
  | 'file_exists'
  // the target can't be reached or won't have us
  | 'unreachable'
  | 'authentication_failed'
  | 'tls_failed'
  | 'standby'
  | 'read_only'
  | 'pooler'
  | 'wrong_database'
  | 'permission_missing'
  | 'server_too_old'
  | 'lock_busy'
  // the plan is refused
  | 'target_not_new'
  | 'changed_file'
  | 'missing_file'
  | 'out_of_order'
  | 'changed_create_file'
  | 'unfinished_step'
  | 'resolution_stale'
  | 'plan_not_admitted'
  | 'create_incomplete'
  | 'database_missing'
  // a step failed
  | 'sql_error'
  | 'lock_timeout'
  | 'cancelled'
  | 'connection_lost'
  | 'hidden_commit'
  | 'lock_lost'
  | 'index_invalid';

/** What stops a run. Anything else that is thrown is a defect. */
export class SqlDeployError extends Error {
  readonly code: ErrorCode;
  /** What to do next, for a person. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SqlDeployError';
    this.code = code;
    this.hint = hint;
  }
}
