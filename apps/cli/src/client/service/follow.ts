import { setTimeout as sleep } from 'node:timers/promises';
import { networkFaultOf } from './network-fault.ts';
import { pauseBefore, retryAfterMs } from './pause.ts';
import { readRefusal } from './read-refusal.ts';
import { readStream, type WireEvent } from './read-stream.ts';
import { type Service, type Trouble, unreachable } from './service.ts';
import { type ServiceError, strangeAnswer } from './service-error.ts';

export interface FollowOptions {
  /** Where the events are: `/v1/deployments/ID/events`. */
  readonly path: string;
  /** Whether nothing more is waited for after this event. */
  readonly isEnd: (event: WireEvent) => boolean;
  /** The number of the last event that is known; 0 begins at the first. */
  readonly after: number;
  /** The server's clock is so much ahead of this one. Told with the first answer, in ms. */
  readonly onClock: (aheadMs: number) => void;
  readonly onEvent: (event: WireEvent) => void;
  /** The connection is gone, and will be made again. */
  readonly onTrouble: (trouble: Trouble) => void;
  /** Aborted when nobody wants to follow any more: then `follow` resolves. */
  readonly signal: AbortSignal;
  /** Ends the following when nothing more has come for so long: for what happened so far. Null: until the end. */
  readonly quietMs: number | null;
}

/** How long a service that is away is asked again while a deployment is followed: a restart must not end a pipeline. */
const AWAY_FOR_MS = 300_000;
const OPEN_TIMEOUT_MS = 30_000;

type Ended = 'finished' | 'cut' | 'quiet';

/**
 * Follows a deployment or a rollout until its end. After a cut it goes on behind the last event that
 * came (`Last-Event-ID`), with growing waits: no event is missed, and none is told twice.
 * @returns true when its end has come
 * @throws ServiceError when the service refuses, or is away for too long
 */
export async function follow(service: Service, options: FollowOptions): Promise<boolean> {
  const { signal } = options;
  const progress = { last: options.after };
  const awayForMs = service.connectTimeoutMs ?? AWAY_FOR_MS;
  let until = Date.now() + awayForMs;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const before = progress.last;
    let cut: Cut;
    try {
      const ended = await followOnce(service, options, progress);
      if (ended !== 'cut') return ended === 'finished';
      cut = { reason: 'the connection was cut', waitMs: null, error: null };
    } catch (error) {
      if (signal.aborted) return false;
      cut = cutOf(error, service.address);
    }
    if (progress.last > before) {
      attempt = 1;
      until = Date.now() + awayForMs;
    }
    const waitMs = cut.waitMs ?? pauseBefore(attempt);
    if (Date.now() + waitMs > until) throw cut.error ?? unreachable(service.address, CUT_AGAIN);
    options.onTrouble({ reason: cut.reason, waitMs, attempt });
    // An abort ends the pause early, and then the loop.
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

const CUT_AGAIN = { reason: 'the connection is cut again and again', mayPass: true, notSent: false };

interface Cut {
  readonly reason: string;
  readonly waitMs: number | null;
  readonly error: ServiceError | null;
}

/** @throws what was thrown, when following again makes no sense */
function cutOf(error: unknown, address: string): Cut {
  if (error instanceof Refused) {
    if (!error.mayPass) throw error.refusal;
    return { reason: error.refusal.message, waitMs: error.waitMs, error: error.refusal };
  }
  const fault = networkFaultOf(error);
  if (fault === null) throw error;
  if (!fault.mayPass) throw unreachable(address, fault);
  return { reason: fault.reason, waitMs: null, error: unreachable(address, fault) };
}

class Refused extends Error {
  readonly refusal: ServiceError;
  readonly mayPass: boolean;
  readonly waitMs: number | null;

  constructor(refusal: ServiceError, mayPass: boolean, waitMs: number | null) {
    super(refusal.message);
    this.refusal = refusal;
    this.mayPass = mayPass;
    this.waitMs = waitMs;
  }
}

async function followOnce(service: Service, options: FollowOptions, progress: { last: number }): Promise<Ended> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  const silent = (): void => controller.abort(new DOMException('nothing came for too long', 'TimeoutError'));
  const opening = setTimeout(silent, OPEN_TIMEOUT_MS);
  let quiet = false;
  let resting: NodeJS.Timeout | null = null;
  const rest = (): void => {
    if (options.quietMs === null) return;
    if (resting !== null) clearTimeout(resting);
    resting = setTimeout(() => {
      quiet = true;
      stop();
    }, options.quietMs);
  };
  try {
    const headers = {
      accept: 'text/event-stream',
      ...(progress.last === 0 ? {} : { 'last-event-id': String(progress.last) }),
    };
    const response = await service.open(options.path, headers, controller.signal);
    clearTimeout(opening);
    await expectStream(response);
    tellClock(response.headers, options.onClock);
    rest();
    const finished = await readEvents(response.body, options, progress, rest, silent);
    return finished ? 'finished' : 'cut';
  } catch (error) {
    if (quiet) return 'quiet';
    throw error;
  } finally {
    clearTimeout(opening);
    if (resting !== null) clearTimeout(resting);
    options.signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Reads until the deployment has finished (true) or the stream has ended (false). */
async function readEvents(
  body: AsyncIterable<Uint8Array> | null,
  options: FollowOptions,
  progress: { last: number },
  heard: () => void,
  silent: () => void,
): Promise<boolean> {
  let finished = false;
  const onEvent = (event: WireEvent): boolean => {
    heard();
    if (event.number <= progress.last) return true;
    progress.last = event.number;
    options.onEvent(event);
    finished = options.isEnd(event);
    return !finished;
  };
  if (body !== null) await readStream(body, onEvent, silent);
  return finished;
}

async function expectStream(response: globalThis.Response): Promise<void> {
  if (response.status >= 300) {
    const { error, mayPass } = readRefusal(response.status, response.headers, await readSmall(response));
    throw new Refused(error, mayPass, retryAfterMs(response.headers));
  }
  if (!/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')) {
    throw strangeAnswer('it is no stream of events');
  }
}

async function readSmall(response: globalThis.Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // A proxy's page: its status says enough.
    return null;
  }
}

function tellClock(headers: Headers, onClock: (aheadMs: number) => void): void {
  const date = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(date)) onClock(date - Date.now());
}
