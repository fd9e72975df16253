/** What the API answered, parsed. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Speaks to the API as any other client does. */
export interface ApiClient {
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer>;
}

/** The API said no. The message is for people: what was said, each fault with it. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiRefusal';
    this.status = status;
  }
}

/**
 * @param address such as http://127.0.0.1:3000
 * @param key an API key
 */
export function createApiClient(address: string, key: string): ApiClient {
  return {
    call: async (method, path, body) => {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    },
  };
}

/**
 * Gives the body of a good answer.
 * @throws ApiRefusal for any other
 */
export function expectDone(answer: Answer): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw new ApiRefusal(answer.status, describeProblem(answer));
}

/** What the API says with a problem (RFC 9457): faults of the request, or findings of the validator. */
interface ProblemBody {
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly problems?: readonly {
    readonly path: string;
    readonly line: number | null;
    readonly column: number | null;
    readonly message: string;
    readonly hint: string;
  }[];
}

function describeProblem({ status, body }: Answer): string {
  const { detail, hint, errors = [], problems = [] } = (body ?? {}) as ProblemBody;
  const findings = problems.map(({ path, line, column, message, hint }) => {
    const place = [path, line, column].filter((part) => part !== null).join(':');
    return `  ${place}: ${message} ${hint}`;
  });
  const faults = errors.map(({ path, message }) => `  ${path}: ${message}`);
  const said = [detail ?? `It answered ${status}.`, ...faults, ...findings, hint ?? ''];
  return said.filter((line) => line !== '').join('\n');
}
