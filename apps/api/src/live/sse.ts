import type { Request, Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** A reader that leaves so much unread is cut off; it comes back with Last-Event-ID and gets the rest. */
const MOST_UNREAD_BYTES = 1024 * 1024;

/** A stream of server-sent events (WHATWG HTML, 9.2). */
export interface EventStream {
  send(id: string, type: string, data: unknown): void;
  /** Whether the reader has taken what was sent; whoever sends much waits for it. */
  isReady(): boolean;
  /** Resolves when the reader has taken what was sent, or is gone. */
  ready(): Promise<void>;
  /** Ends it, once. */
  end(): void;
  /** Resolves when the reader is gone or the stream was ended. */
  readonly closed: Promise<void>;
}

/**
 * Begins a stream as the answer to a request.
 * @param isAllowed asked with each heartbeat: a key that was revoked ends its streams
 * @param onReady told when the reader has caught up again
 */
export function openStream(
  request: Request,
  response: Response,
  options: {
    readonly stopping: AbortSignal;
    readonly isAllowed: () => Promise<boolean>;
    readonly onReady?: () => void;
  },
): EventStream {
  const { stopping, isAllowed, onReady } = options;
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // Proxies that buffer would hold events back.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const closed = new Promise<void>((resolve) => {
    // The reader may have left while it was found out what to send.
    if (response.destroyed) resolve();
    else response.once('close', () => resolve());
  });
  const end = (): void => {
    clearInterval(heartbeat);
    if (!response.writableEnded) response.end();
  };
  const write = (text: string): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
  };
  // How soon a browser comes back after a cut, in ms.
  write('retry: 1000\n\n');
  let wasReady = true;
  const heartbeat = setInterval(() => {
    // Nothing was taken since the last one: nobody is there to read.
    if (!wasReady && response.writableNeedDrain) response.destroy();
    wasReady = !response.writableNeedDrain;
    write(': still here\n\n');
    isAllowed().then((allowed) => {
      if (!allowed) end();
    }, end);
  }, HEARTBEAT_MS);
  if (onReady !== undefined) response.on('drain', onReady);
  stopping.addEventListener('abort', end);
  response.once('close', () => {
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
  });
  request.socket.setNoDelay(true);
  if (stopping.aborted || response.destroyed) end();
  return {
    send: (id, type, data) => write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`),
    isReady: () => !response.writableNeedDrain,
    ready: () =>
      response.writableNeedDrain
        ? Promise.race([closed, new Promise<void>((resolve) => response.once('drain', () => resolve()))])
        : Promise.resolve(),
    end,
    closed,
  };
}
