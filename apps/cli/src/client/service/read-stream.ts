import { createParser } from 'eventsource-parser';
import { isRecord } from '../views/fields.ts';
import type { Fields } from '../views/fields.ts';

/** Something that happened to a deployment, as the service tells it. */
export interface WireEvent {
  /** Counts within the deployment, from 1 without a gap. */
  readonly number: number;
  readonly type: string;
  /** ISO 8601. */
  readonly at: string;
  readonly data: Fields;
}

/** The service sends a sign of life every 15 s; who is silent for so long is gone. */
const SILENCE_MS = 50_000;
const MOST_BUFFERED_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a stream of server-sent events (WHATWG HTML, 9.2) until it ends.
 * @param onEvent hears of each event that can be read; gives false to stop reading
 * @param silent aborts the request when nothing has come for too long
 */
export async function readStream(
  body: AsyncIterable<Uint8Array>,
  onEvent: (event: WireEvent) => boolean,
  silent: () => void,
): Promise<void> {
  let goOn = true;
  let broken: Error | null = null;
  const parser = createParser({
    maxBufferSize: MOST_BUFFERED_CHARACTERS,
    onEvent: (message) => {
      const event = goOn ? readEvent(message.id, message.event, message.data) : null;
      if (event !== null) goOn = onEvent(event);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') broken = error;
    },
  });
  const decoder = new TextDecoder();
  const timer = setTimeout(silent, SILENCE_MS);
  try {
    for await (const chunk of body) {
      timer.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (broken !== null) throw broken;
      if (!goOn) return;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Null for what is no event of a deployment: a newer service may send more than this command knows. */
function readEvent(id: string | undefined, type: string | undefined, text: string): WireEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const number = typeof value['number'] === 'number' ? value['number'] : Number(id);
  if (!Number.isSafeInteger(number) || number < 1) return null;
  return {
    number,
    type: type ?? String(value['type']),
    at: typeof value['at'] === 'string' ? value['at'] : '',
    data: isRecord(value['data']) ? value['data'] : {},
  };
}
