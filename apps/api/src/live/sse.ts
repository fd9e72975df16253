import type { Request, Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** A reader that leaves so much unread is cut off; it comes back with Last-Event-ID and gets the rest. */
const MOST_UNREAD_BYTES = 1024 * 1024;

/** A stream of server-sent events (WHATWG HTML, 9.2). */
export interface EventStream {
  send(id: string, type: string, data: unknown): void;
  /** Ends it, once. */
  end(): void;
  /** Resolves when the reader is gone or the stream was ended. */
  readonly closed: Promise<void>;
}

/** Begins a stream as the answer to a request. */
export function openStream(request: Request, response: Response, stopping: AbortSignal): EventStream {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // Proxies that buffer would hold events back.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  // How soon a browser comes back after a cut, in ms.
  response.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
  const closed = new Promise<void>((resolve) => response.once('close', () => resolve()));
  const end = (): void => {
    clearInterval(heartbeat);
    if (!response.writableEnded) response.end();
  };
  const write = (text: string): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
  };
  stopping.addEventListener('abort', end);
  response.once('close', () => {
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
  });
  request.socket.setNoDelay(true);
  if (stopping.aborted) end();
  return {
    send: (id, type, data) => write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`),
    end,
    closed,
  };
}
