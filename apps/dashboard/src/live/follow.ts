import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { eventParser, type ServerEvent } from './read-events.ts';

/** The service sends a sign of life every 15 s; who is silent for so long is gone. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** A page that nobody looks at gives its connection back: a browser has six for one address. */
const HIDDEN_MS = 20_000;

/** Whoever follows a stream. */
export interface Follower {
  readonly onEvents: (events: readonly ServerEvent[]) => void;
  /** Told of each change: whether the stream is open. */
  readonly onOpen?: (isOpen: boolean) => void;
  /** The stream is over: there is nothing more to come, or it is refused for good. */
  readonly onEnd?: (error: ApiError | null) => void;
}

/**
 * Follows a stream of the API until it is over or `signal` ends it. After a cut it goes on behind the last event, with
 * waits that grow and are never quite the same, so that a restarted service is not asked by all pages at once. (An
 * EventSource can't: it sends no Authorization.)
 */
export async function follow(client: ApiClient, path: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let lastEventId = '';
  let tries = 0;
  while (!signal.aborted) {
    await untilVisible(signal);
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    signal.addEventListener('abort', stop);
    const forgetHidden = whenHiddenFor(HIDDEN_MS, stop);
    try {
      const response = await client.send('GET', path, {
        signal: attempt.signal,
        headers: { accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }) },
      });
      if (response.status === 204 || response.body === null) {
        follower.onEnd?.(null);
        return;
      }
      follower.onOpen?.(true);
      tries = 0;
      await read(response.body, attempt, (events) => {
        lastEventId = events.at(-1)?.id ?? lastEventId;
        follower.onEvents(events);
      });
    } catch (error) {
      if (error instanceof ApiError && !error.mayPass) {
        follower.onOpen?.(false);
        follower.onEnd?.(error);
        return;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      forgetHidden();
    }
    if (signal.aborted) return;
    follower.onOpen?.(false);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++);
    await pause(wait * (0.5 + Math.random() / 2), signal);
  }
}

async function read(
  body: ReadableStream<Uint8Array>,
  attempt: AbortController,
  onEvents: (events: readonly ServerEvent[]) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = eventParser();
  for (;;) {
    const silence = setTimeout(() => attempt.abort(), SILENCE_MS);
    try {
      const { done, value } = await reader.read();
      if (done) return;
      const events = parse(decoder.decode(value, { stream: true }));
      if (events.length > 0) onEvents(events);
    } finally {
      clearTimeout(silence);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}

function untilVisible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === 'visible') return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState !== 'visible' && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
}

function whenHiddenFor(ms: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState !== 'visible') timer = setTimeout(act, ms);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
