import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { type InternalAllowance, isAddressAllowed } from '@postgres-manager/control-plane';
import { guardedLookup, InternalAddressError, type Resolve } from './guarded-lookup.ts';

/** What a receiver did with a message. */
export interface Reply {
  /** Null: it did not answer, and `error` says why. */
  readonly status: number | null;
  readonly error: string | null;
  /** How an answer other than 2xx began; null for one that is empty. */
  readonly answer: string | null;
  /** The header `Retry-After`, in ms from now; null without one. */
  readonly retryAfterMs: number | null;
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly allowance: InternalAllowance;
  /** Ends it: then `error` says so. */
  readonly signal: AbortSignal;
  readonly resolve?: Resolve;
}

/** So much of an answer is read, and kept for whoever looks why it failed. */
const MOST_ANSWER_BYTES = 500;

// Of their own: no proxy from the environment, and no connection that another part of the process has opened. A
// connection for each message: one that is kept may be closed by the other side at any moment.
const AGENTS = { 'http:': new HttpAgent({ keepAlive: false }), 'https:': new HttpsAgent({ keepAlive: false }) };

/**
 * Posts a message. Certificates are verified, redirects not followed, internal addresses refused. Never rejects.
 * @param url http or https
 */
export async function postMessage(url: string, body: string, options: PostOptions): Promise<Reply> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
  // A socket looks up no address.
  if (isIP(host) !== 0 && !isAddressAllowed(host, host, options.allowance)) {
    return noAnswer(new InternalAddressError(host, host).message);
  }
  return new Promise((resolve) => {
    const isTls = target.protocol === 'https:';
    const request = (isTls ? httpsRequest : httpRequest)(target, {
      method: 'POST',
      agent: AGENTS[isTls ? 'https:' : 'http:'],
      headers: { ...options.headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup: guardedLookup(options.allowance, options.resolve),
      rejectUnauthorized: true,
      maxHeaderSize: 16 * 1024,
    });
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
      resolve(reply);
      request.destroy();
    };
    const abort = (): void => finish(noAnswer('The worker stopped before there was an answer.'));
    const timer = setTimeout(
      () => finish(noAnswer(`There was no answer within ${options.timeoutMs / 1000} s.`)),
      options.timeoutMs,
    );
    options.signal.addEventListener('abort', abort);
    if (options.signal.aborted) abort();
    request.on('error', (error) => finish(noAnswer(describe(error))));
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) finish({ status, error: null, answer: null, retryAfterMs: null });
      else readAnswer(response, (answer) => finish(refusal(status, answer, response.headers['retry-after'])));
    });
    request.end(body);
  });
}

function readAnswer(response: IncomingMessage, done: (answer: string | null) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const end = (): void => {
    const text = Buffer.concat(chunks).subarray(0, MOST_ANSWER_BYTES).toString('utf8');
    done(text.replaceAll(/\p{Cc}+|\p{Cs}/gu, ' ').trim() || null);
  };
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MOST_ANSWER_BYTES) end();
  });
  response.on('end', end);
  // What came until then is told.
  response.on('error', end);
}

function refusal(status: number, answer: string | null, retryAfter: string | undefined): Reply {
  const isRedirect = status >= 300 && status < 400;
  const error = `The receiver answered ${status}${isRedirect ? '; redirects are not followed' : ''}.`;
  return { status, error, answer, retryAfterMs: readRetryAfter(retryAfter) };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function readRetryAfter(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim()) * 1000;
  const ms = Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

function noAnswer(error: string): Reply {
  return { status: null, error, answer: null, retryAfterMs: null };
}

/** Node tells of several addresses that were tried in an error without a message of its own. */
function describe(error: Error): string {
  if (error instanceof InternalAddressError) return error.message;
  const inner =
    error instanceof AggregateError ? (error.errors as unknown[]).find((one) => one instanceof Error) : error;
  const { message, code } = (inner ?? error) as NodeJS.ErrnoException;
  return `The receiver could not be reached: ${message || code || error.name}.`;
}
