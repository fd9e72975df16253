/** One part of a request that is not in order. */
export interface Fault {
  readonly in: string;
  readonly path: string;
  readonly message: string;
}

/** A finding of the validator. */
export interface Problem {
  readonly rule: string;
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string;
  readonly sourceLine: string | null;
}

/** Why a call was not answered as wished: what the API says (RFC 9457), or that it could not be reached. */
export class ApiError extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  /** Stable; stands in docs/errors.md. `unreachable` is the page's own. */
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  readonly faults: readonly Fault[];
  readonly problems: readonly Problem[];
  readonly requestId: string | null;

  constructor(said: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly hint: string;
    readonly faults?: readonly Fault[] | undefined;
    readonly problems?: readonly Problem[] | undefined;
    readonly requestId?: string | null | undefined;
  }) {
    super(said.detail);
    this.name = 'ApiError';
    this.status = said.status;
    this.code = said.code;
    this.detail = said.detail;
    this.hint = said.hint;
    this.faults = said.faults ?? [];
    this.problems = said.problems ?? [];
    this.requestId = said.requestId ?? null;
  }

  /** Whether the key is no longer taken. */
  get isSignedOut(): boolean {
    return this.status === 401;
  }

  /** Whether trying again may help without anybody doing anything. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What was thrown, as something that can be shown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    status: 0,
    code: 'unreachable',
    detail: 'The service did not answer. Whether it did what was asked is not known.',
    hint: 'Look whether it runs and can be reached from here; the page tries again by itself.',
  });
}

/** The error in an answer that is not a success. */
export async function readApiError(response: Response): Promise<ApiError> {
  let said: Record<string, unknown> = {};
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null) said = body as Record<string, unknown>;
  } catch {
    // A proxy answered, in its own words.
  }
  const text = (name: string, otherwise: string): string => {
    const value = said[name];
    return typeof value === 'string' ? value : otherwise;
  };
  const list = (name: string): readonly unknown[] => (Array.isArray(said[name]) ? said[name] : []);
  return new ApiError({
    status: response.status,
    code: text('code', `http_${response.status}`),
    detail: text('detail', `The answer was ${response.status} ${response.statusText}, without a reason.`),
    hint: text('hint', 'It may come from a proxy before the service: look there.'),
    faults: list('errors') as readonly Fault[],
    problems: list('problems') as readonly Problem[],
    requestId: response.headers.get('x-request-id'),
  });
}
