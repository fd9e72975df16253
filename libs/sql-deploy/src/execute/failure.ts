import type { BundleFile } from '../bundle/bundle.ts';
import { type ErrorCode, SqlDeployError } from '../errors.ts';
import type { Script } from '../sql/script.ts';
import { statementsOfChunk } from '../sql/script-reader.ts';
import { positionAtByte } from '../sql/source-position.ts';
import { endsConnection, isServerError, type ServerError } from '../target/server-error.ts';
import { LOCK_LOST, TRANSACTION_LEFT } from './group.ts';
import type { Failure, Status } from './report.ts';

/** Ends a run with a failure that is already in words. */
export class RunStopped extends Error {
  readonly status: Status;
  readonly failure: Failure;

  constructor(status: Status, failure: Failure) {
    super(failure.message);
    this.name = 'RunStopped';
    this.status = status;
    this.failure = failure;
  }
}

/** A failure without a place in a file. */
export function plainFailure(code: ErrorCode, message: string, hint: string, file: string | null = null): Failure {
  return { file, line: null, column: null, sourceLine: null, sqlstate: null, code, message, hint };
}

/** What stops a run before its first step, as a failure and the status that goes with it. */
export function refusal(error: SqlDeployError): RunStopped {
  const status = error.code === 'lock_busy' ? 'busy' : error.code === 'cancelled' ? 'failed' : 'refused';
  return new RunStopped(status, plainFailure(error.code, error.message, error.hint));
}

/**
 * A server error in words, with its place.
 * @param byteOffset where in the file, null when it is about the file as a whole
 */
export function stepFailure(file: BundleFile, error: ServerError, byteOffset: number | null): Failure {
  const place = byteOffset === null ? null : positionAtByte(file.bytes, byteOffset);
  return {
    file: file.path,
    line: place?.line ?? null,
    column: place?.column ?? null,
    sourceLine: place?.sourceLine ?? null,
    sqlstate: error.code,
    code: codeOf(error),
    message: messageOf(error),
    hint: hintOf(error),
  };
}

/** Where the `index`-th statement (from 0) of a file begins, in bytes; the file's own BEGIN is not counted. */
export async function statementOffset(file: BundleFile, script: Script, index: number): Promise<number | null> {
  let before = 0;
  for (const chunk of script.chunks) {
    if (index < before + chunk.statementCount) {
      const blanked = new Set(script.blanks.map((blank) => blank.start));
      const statements = (await statementsOfChunk(file, chunk)).filter((place) => !blanked.has(place.start));
      return statements[index - before]?.start ?? null;
    }
    before += chunk.statementCount;
  }
  return null;
}

function codeOf(error: ServerError): ErrorCode {
  if (error.message.includes(LOCK_LOST)) return 'lock_lost';
  if (error.message.includes(TRANSACTION_LEFT)) return 'hidden_commit';
  if (error.code === '55P03' || error.code === '40P01') return 'lock_timeout';
  return 'sql_error';
}

function messageOf(error: ServerError): string {
  if (error.message.includes(LOCK_LOST)) {
    return 'Code in this file let go of the lock that keeps other runs off this target.';
  }
  if (error.message.includes(TRANSACTION_LEFT)) {
    return 'Code in this file ended the transaction it ran in, so that file and ledger row could not be committed together.';
  }
  const where = innermostFunction(error.where);
  return where === null ? error.message : `${error.message} (${where})`;
}

/** The call stack's innermost function and line. Its other lines can quote whole statements. */
function innermostFunction(where: string | undefined): string | null {
  const lines = where?.split('\n') ?? [];
  return lines.find((line) => /^(PL\/pgSQL|SQL) function /.test(line)) ?? null;
}

const HINTS: Readonly<Record<string, string>> = {
  '25001':
    'The statement cannot run inside a transaction. Put it into a file of its own headed by the line `-- transactional: false`.',
  '2D000':
    'Code that commits or rolls back cannot run inside the file’s transaction. Put it into a file of its own headed by the line `-- transactional: false`.',
  '55P04':
    'A value added to an enum can be used only after a commit: move the statements that use it into the next file.',
  '55P03':
    'Another session kept the lock the statement needs for longer than lock_timeout, at every attempt. Run again when it is done, or give --lock-timeout more.',
  '40P01': 'Another session and this file waited for each other. Run again.',
  '57014': 'The statement ran longer than statement_timeout allows. Give --statement-timeout more, or do less at once.',
  '42501': 'The role of the DSN lacks a right it needs for this statement: grant it, or use the owner’s role.',
  '53100': 'The server’s disk is full. Make room, then run again.',
};

function hintOf(error: ServerError): string {
  const own = HINTS[error.code];
  if (codeOf(error) === 'lock_lost') {
    return 'Find the call of pg_advisory_unlock… in the functions this file runs, and take it out. What is applied is in the ledger; run again for the rest.';
  }
  if (own !== undefined) return own;
  const after = 'Mend the file and run again: what is applied stays, and the run goes on with this file.';
  return error.hint === undefined ? after : `${error.hint.replace(/\.?$/, '.')} ${after}`;
}

/** Rethrows what is neither the server's nor the network's doing: a defect must not pass for a failed file. */
export function assertOutside(error: unknown): asserts error is Error {
  if (!isServerError(error) && !(error instanceof SqlDeployError) && !isNetworkError(error)) throw error;
}

function isNetworkError(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false;
  const { code } = error as { code?: unknown };
  // Node's own ERR_ codes are about how it was called, but for those of a stream that has ended.
  if (typeof code === 'string') return !/^ERR_(?!STREAM|SOCKET)/.test(code);
  return /connection|closed/i.test(error.message);
}

/** Everything expected that ends a run; a defect is thrown on. */
export function asStopped(error: unknown): RunStopped {
  if (error instanceof RunStopped) return error;
  if (error instanceof SqlDeployError) return refusal(error);
  assertOutside(error);
  if (endsConnection(error)) {
    return new RunStopped(
      'failed',
      plainFailure(
        'connection_lost',
        'The connection to the database was lost while none of the files ran.',
        'What is applied is in the ledger. Find out why the server or the network broke off, then run again.',
      ),
    );
  }
  return new RunStopped('refused', ownStatementFailure(error as ServerError));
}

/** A statement of this tool's own was refused. */
function ownStatementFailure(error: ServerError): Failure {
  const code = error.code === '42501' ? 'permission_missing' : codeOf(error);
  const failure = plainFailure(
    code,
    `The server refused a statement of this tool’s own: ${error.message} (SQLSTATE ${error.code}).`,
    'What is applied is in the ledger. Mend the cause and run again.',
  );
  return { ...failure, sqlstate: error.code };
}
