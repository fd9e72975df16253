import { readApiError, toApiError } from './api-error.ts';
import { OPERATIONS, type Operations } from './operations.ts';

export type OperationId = keyof Operations;
/** What a call gives. */
export type Answer<O extends OperationId> = Operations[O]['answer'];
/** One of the items of a list that comes in pages. */
export type Item<O extends OperationId> = Answer<O> extends { readonly items: readonly (infer T)[] } ? T : never;

/** A part that a call has is to be given, unless all that is in it may be left out. */
type Part<Name extends string, T> = T extends undefined
  ? unknown
  : Partial<T> extends T
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };
/** What a call takes: `params` of its path, `query`, `body`, each where it has some. */
export type Input<O extends OperationId> = Part<'params', Operations[O]['params']> &
  Part<'query', Operations[O]['query']> &
  (Operations[O]['body'] extends undefined ? unknown : { readonly body: Operations[O]['body'] });

/** Beside what a call itself takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** `Idempotency-Key`, `Prefer`, … */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether cookies are sent, and taken; by default neither. */
  readonly withCookies?: boolean | undefined;
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The API, as one key sees it. */
export class ApiClient {
  readonly #key: string;
  readonly #onSignedOut: () => void;

  /** @param onSignedOut told when the key is no longer taken */
  constructor(key: string, onSignedOut: () => void) {
    this.#key = key;
    this.#onSignedOut = onSignedOut;
  }

  /**
   * Makes a call of the API by its operationId.
   * @throws ApiError; what the signal ended as its own AbortError
   */
  async call<O extends OperationId>(operation: O, input: Input<O>, options: CallOptions = {}): Promise<Answer<O>> {
    const { method, path } = OPERATIONS[operation];
    const { params, query, body } = input as { params?: Record<string, string>; query?: Query; body?: unknown };
    const response = await this.send(method, pathOf(path, params ?? {}, query ?? {}), {
      ...options,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return (isJson ? await response.json() : undefined) as Answer<O>;
  }

  /**
   * Sends a request with the key, and gives an answer that is a success: for streams, files, exports.
   * @throws ApiError
   */
  async send(method: string, path: string, options: CallOptions & { readonly body?: string } = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${this.#key}`,
          accept: 'application/json',
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        signal: options.signal ?? null,
        cache: 'no-store',
        credentials: options.withCookies === true ? 'same-origin' : 'omit',
        redirect: 'error',
        ...(options.body === undefined ? {} : { body: options.body }),
      });
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      throw toApiError(error);
    }
    if (response.ok) return response;
    const error = await readApiError(response);
    if (error.isSignedOut) this.#onSignedOut();
    throw error;
  }
}

/** A path with its parameters and query filled in; what is undefined or empty is left out. */
export function pathOf(path: string, params: Readonly<Record<string, string>>, query: Query): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    (params[name] ?? '').split('/').map(encodeURIComponent).join('/'),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? (value as string[]) : [value]) search.append(name, String(one));
  }
  return search.size === 0 ? filled : `${filled}?${search.toString()}`;
}
