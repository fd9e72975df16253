import { isRecord, readProblems } from '../views/fields.ts';
import { ServiceError } from './service-error.ts';

/** What an answer that is no success means, and whether asking again may help. */
export interface Refusal {
  readonly error: ServiceError;
  readonly mayPass: boolean;
}

const MOST_FAULTS = 20;

/**
 * Reads an answer of 300 and above: a problem by RFC 9457 from the service, or whatever a proxy before it says.
 * @param body parsed JSON, or null
 */
export function readRefusal(httpStatus: number, headers: Headers, body: unknown): Refusal {
  const problem = isRecord(body) ? body : {};
  const code = textOf(problem['code']) ?? codeOfStatus(httpStatus);
  const title = textOf(problem['detail']) ?? textOf(problem['title']) ?? defaultMessage(httpStatus, headers);
  const faults = faultsOf(problem['errors']);
  const message = faults.length === 0 ? title : `${title}\n${faults.join('\n')}`;
  const requestId = textOf(problem['requestId']);
  const hint = [
    textOf(problem['hint']) ?? defaultHint(httpStatus),
    ...(requestId !== null && httpStatus >= 500 ? [`The service's log has it under ${requestId}.`] : []),
  ].join(' ');
  const problems = readProblems(problem['problems']);
  const ending =
    problems.length > 0
      ? ({ exitCode: 3, status: 'invalid', problems } as const)
      : ({ exitCode: exitCodeOfRefusal(httpStatus, code), status: 'refused' } as const);
  const mayPass = httpStatus === 429 || httpStatus === 408 || httpStatus >= 500 || code === 'idempotency_key_in_flight';
  return { error: new ServiceError(code, message, hint.trim(), ending), mayPass };
}

/** 2 where the command line or the key is to blame, 4 where the state of things is. */
function exitCodeOfRefusal(httpStatus: number, code: string): number {
  if (code === 'bundle_lacks_applied') return 4;
  return [400, 401, 403, 404, 405, 415, 422].includes(httpStatus) || (httpStatus >= 300 && httpStatus < 400) ? 2 : 4;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 4_000) : null;
}

function faultsOf(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  const lines = errors.flatMap((error: unknown) => {
    const message = isRecord(error) ? textOf(error['message']) : null;
    if (!isRecord(error) || message === null) return [];
    const path = Array.isArray(error['path']) ? error['path'].join('.') : textOf(error['path']);
    return [`- ${path === null || path === '' ? '' : `${path}: `}${message}`];
  });
  const more = lines.length - MOST_FAULTS;
  return more > 0 ? [...lines.slice(0, MOST_FAULTS), `and ${more} more`] : lines;
}

function codeOfStatus(httpStatus: number): string {
  if (httpStatus === 401) return 'key_refused';
  return httpStatus >= 500 ? 'service_failed' : 'request_refused';
}

function defaultMessage(httpStatus: number, headers: Headers): string {
  const location = headers.get('location');
  if (httpStatus >= 300 && httpStatus < 400) {
    return `the service sends on to ${location === null ? 'somewhere else' : originOf(location)}, where the key is not sent`;
  }
  if (httpStatus === 401) return 'the service does not know the key';
  return `the service answered ${httpStatus}`;
}

function defaultHint(httpStatus: number): string {
  if (httpStatus >= 300 && httpStatus < 400) return 'Give that address as --server.';
  if (httpStatus === 401) return 'Check POSTGRES_MANAGER_KEY: the key may be mistyped, expired or revoked.';
  if (httpStatus === 404) return 'Check that --server is the address of Postgres Manager.';
  if (httpStatus >= 500) return 'Look at the service, or at the proxy before it, and run the same command again.';
  return '';
}

function originOf(location: string): string {
  try {
    return new URL(location).origin;
  } catch {
    return 'another path';
  }
}
