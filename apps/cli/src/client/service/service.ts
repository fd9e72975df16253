import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ServiceFlags } from '../command-line/client-invocation.ts';
import { type NetworkFault, networkFaultOf } from './network-fault.ts';
import { pauseBefore, retryAfterMs } from './pause.ts';
import { readRefusal } from './read-refusal.ts';
import { ServiceError, strangeAnswer } from './service-error.ts';

/** One request. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Behind the service's address: `/v1/targets`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | null | readonly string[]>>;
  readonly body?: unknown;
  /** Send the body compressed. */
  readonly compressed?: boolean;
  readonly idempotencyKey?: string;
  /** Sending it twice does no more than sending it once. True of everything but a POST without a key. */
  readonly repeatable?: boolean;
  /** How long one try may take. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null for an empty body. */
  readonly body: unknown;
}

/** A try that failed for a reason that may pass. */
export interface Trouble {
  readonly reason: string;
  readonly waitMs: number;
  /** How many tries there were. */
  readonly attempt: number;
}

/** The service as its commands see it. */
export interface Service {
  readonly address: string;
  readonly connectTimeoutMs: number | null;
  /**
   * Asks, and asks again while what goes wrong may pass and the time for it is not over.
   * @throws ServiceError for every answer that is no success, and when there is none
   */
  ask(call: Call): Promise<Answer>;
  /** Asks for a stream, once; the caller reads the body, and ends it by the signal. @throws what fetch throws */
  open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<globalThis.Response>;
}

const TRY_TIMEOUT_MS = 30_000;
const AWAY_FOR_MS = 30_000;
/** An answer of 500 is more often a defect than a passing state. */
const TRIES_OF_500 = 3;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const compress = promisify(gzip);

/** @param onTrouble hears of each try that will be repeated */
export function createService(flags: ServiceFlags, onTrouble: (trouble: Trouble) => void): Service {
  const common = { authorization: `Bearer ${flags.key}`, 'user-agent': 'postgres-manager' };
  const open: Service['open'] = (path, headers, signal) =>
    fetch(`${flags.address}${path}`, { headers: { ...common, ...headers }, redirect: 'manual', signal });

  async function ask(call: Call): Promise<Answer> {
    const request = await prepare(flags.address, common, call);
    const repeatable = call.repeatable ?? (call.method !== 'POST' || call.idempotencyKey !== undefined);
    const until = Date.now() + (flags.connectTimeoutMs ?? AWAY_FOR_MS);
    for (let attempt = 1; ; attempt++) {
      const tried = await tryOnce(request, call.timeoutMs ?? TRY_TIMEOUT_MS);
      if ('answer' in tried) return tried.answer;
      const { error, waitMs = pauseBefore(attempt) } = tried;
      const again = tried.mayPass && (repeatable || tried.notDone) && (!tried.once || attempt < TRIES_OF_500);
      if (!again || Date.now() + waitMs > until) throw error;
      onTrouble({ reason: tried.reason, waitMs, attempt });
      await sleep(waitMs);
    }
  }
  return { address: flags.address, connectTimeoutMs: flags.connectTimeoutMs, ask, open };
}

interface Prepared {
  readonly url: string;
  readonly init: RequestInit;
}

async function prepare(address: string, common: Readonly<Record<string, string>>, call: Call): Promise<Prepared> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    for (const one of Array.isArray(value) ? value : value === null ? [] : [value]) query.append(name, String(one));
  }
  const headers: Record<string, string> = { ...common, accept: 'application/json' };
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  const init: RequestInit = { method: call.method, headers, redirect: 'manual' };
  if (call.body !== undefined) {
    headers['content-type'] = 'application/json';
    const json = JSON.stringify(call.body);
    if (call.compressed === true) headers['content-encoding'] = 'gzip';
    init.body = call.compressed === true ? new Uint8Array(await compress(json)) : json;
  }
  return { url: `${address}${call.path}${query.size === 0 ? '' : `?${query.toString()}`}`, init };
}

type Tried =
  | { readonly answer: Answer }
  | {
      readonly error: ServiceError;
      readonly reason: string;
      readonly mayPass: boolean;
      /** The service has surely not done it. */
      readonly notDone: boolean;
      readonly once?: boolean;
      readonly waitMs?: number;
    };

async function tryOnce({ url, init }: Prepared, timeoutMs: number): Promise<Tried> {
  let answer: Answer;
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const text = await readBody(response.body);
    const isProblem = response.status >= 300;
    answer = { status: response.status, headers: response.headers, body: parse(text, isProblem) };
  } catch (error) {
    const fault = networkFaultOf(error);
    if (fault === null) throw error;
    return { error: unreachable(url, fault), ...fault, notDone: fault.notSent };
  }
  if (answer.status < 300) return { answer };
  const { error, mayPass } = readRefusal(answer.status, answer.headers, answer.body);
  const waitMs = retryAfterMs(answer.headers);
  return {
    error,
    mayPass,
    reason: error.message,
    notDone: answer.status === 429,
    once: answer.status === 500,
    ...(waitMs === null ? {} : { waitMs }),
  };
}

/** Says that the service can't be reached; nothing is known of what it did. */
export function unreachable(url: string, fault: NetworkFault): ServiceError {
  return new ServiceError(
    'service_unreachable',
    `the service at ${new URL(url).host} can not be reached: ${fault.reason}`,
    'Check --server (or POSTGRES_MANAGER_SERVER), and that the service runs.',
    { exitCode: 4 },
  );
}

async function readBody(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw strangeAnswer('it is longer than 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @param lenient what is no JSON is taken for nothing: a proxy's page of an error */
function parse(text: string, lenient: boolean): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (lenient) return null;
    throw strangeAnswer('it is not JSON');
  }
}
