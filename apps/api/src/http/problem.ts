import type { ControlPlaneErrorCode } from '@postgres-manager/control-plane';
import type { ErrorCode, Problem } from '@postgres-manager/sql-deploy';

/** One thing that is wrong with a request. */
export interface Fault {
  readonly in: 'body' | 'path' | 'query' | 'header';
  /** Which field: `files.3.path`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Why a request was refused, where neither the control plane nor the library says. Each stands in docs/errors.md. */
export type RequestErrorCode =
  | 'request_invalid'
  | 'body_not_json'
  | 'body_too_large'
  | 'media_type_unsupported'
  | 'path_unknown'
  | 'method_not_allowed'
  | 'key_missing'
  | 'key_invalid'
  | 'role_too_low'
  | 'rate_limited'
  | 'sign_in_refused'
  | 'queue_page_off'
  | 'queue_page_closed'
  | 'queue_unavailable'
  | 'bundle_file_unknown';

export interface ProblemDetails {
  readonly status: number;
  /** Stable; stands in docs/errors.md. */
  readonly code: RequestErrorCode | ControlPlaneErrorCode | ErrorCode;
  /** What happened, and what was and was not changed. */
  readonly detail: string;
  /** What to do next. */
  readonly hint: string;
  readonly errors?: readonly Fault[];
  /** Findings of the validator. */
  readonly problems?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What ends a request with other than what was asked for (RFC 9457, Problem Details for HTTP APIs). */
export class HttpProblem extends Error {
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.detail);
    this.name = 'HttpProblem';
    this.details = details;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'No valid key',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not acceptable as it is',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

/** The body of an answer of the type application/problem+json. */
export function problemBody(details: ProblemDetails, requestId: string): Record<string, unknown> {
  return {
    type: `urn:postgres-manager:error:${details.code}`,
    title: TITLES[details.status] ?? 'Error',
    status: details.status,
    code: details.code,
    detail: details.detail,
    hint: details.hint,
    requestId,
    ...(details.errors === undefined ? {} : { errors: details.errors }),
    ...(details.problems === undefined ? {} : { problems: details.problems }),
  };
}

/** Something that is not there, or that this caller may not see: which of the two is not told. */
export function notFound(what: string, code: ControlPlaneErrorCode): HttpProblem {
  return new HttpProblem({
    status: 404,
    code,
    detail: `There is no ${what} that this key may use. Nothing was changed.`,
    hint: 'Check the name or id, and with GET /v1/targets what this key may see.',
  });
}
