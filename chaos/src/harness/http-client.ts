import { randomUUID } from 'node:crypto';
import { pause } from './wait.ts';

export interface Answer {
  /** 0: none came (refused, cut, or not in time). */
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
  readonly ms: number;
}

/** A deployment as the API shows it, as far as experiments look at it. */
export interface Deployment {
  readonly id: string;
  readonly target: string;
  readonly status: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface HttpClient {
  /** One try, with what came of it. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Again and again until it is answered with 2xx. @throws Error for any other answer than a passing one */
  insist<T>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T>;
  /** POSTs a deployment as release tooling does: under one Idempotency-Key, until it is accepted. */
  deploy(body: DeploymentBody, key?: string): Promise<Deployment>;
}

export interface DeploymentBody {
  readonly target: string;
  readonly mode: 'create' | 'deployment' | 'manual-deployment';
  readonly bundle: string;
}

const NO_ANSWER_MS = 6000;
const GIVE_UP_MS = 60_000;

/** @param urls of the APIs: the next is asked when one does not answer */
export function openHttpClient(urls: readonly string[], apiKey: string): HttpClient {
  let turn = 0;
  const call: HttpClient['call'] = async (method, path, body, headers = {}) => {
    const startedAt = performance.now();
    try {
      const answer = await fetch(`${urls[turn % urls.length]}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        signal: AbortSignal.timeout(NO_ANSWER_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: parse(text), headers: answer.headers, ms: performance.now() - startedAt };
    } catch {
      turn++;
      return { status: 0, body: null, headers: new Headers(), ms: performance.now() - startedAt };
    }
  };
  async function insist<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      const answer = await call(method, path, body, headers);
      if (answer.status >= 200 && answer.status < 300) return answer.body as T;
      if (!mayPass(answer) || performance.now() > deadline) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      await pause(50);
    }
  }
  return {
    call,
    insist,
    deploy: (body, key = randomUUID()) => insist('POST', '/v1/deployments', body, { 'idempotency-key': key }),
  };
}

/** No answer, a server that is away, or the same request still under way. */
function mayPass({ status, body }: Answer): boolean {
  if (status === 0 || status === 503) return true;
  return (body as { code?: unknown } | null)?.code === 'idempotency_key_in_flight';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
