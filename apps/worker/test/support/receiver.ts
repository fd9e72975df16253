import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { eventually } from './stage.ts';

/** A message as a receiver got it. */
export interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  /** The very bytes. */
  readonly body: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Waits until so many messages fit. */
  got(wanted: (message: Received) => boolean, count?: number): Promise<Received[]>;
}

/** What it answers to its n-th message, from 1; left open when it ends nothing. */
export type Answer = (response: ServerResponse, nth: number, message: Received) => void;

export const ok: Answer = (response) => response.writeHead(204).end();

/** A receiver on loopback that ends with the running test. */
export async function startReceiver(answer: Answer = ok): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { type, data } = JSON.parse(body) as Pick<Received, 'type' | 'data'>;
      const message = { id: String(request.headers['webhook-id']), headers: request.headers, body, type, data };
      received.push(message);
      answer(response, received.length, message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in/token-in-the-path`,
    received,
    got: (wanted, count = 1) =>
      eventually(
        () => Promise.resolve(received.filter(wanted)),
        (messages) => messages.length >= count,
      ),
  };
}

/** Verifies with code that is not ours. @throws when the signature is not by this secret */
export function verify({ body, headers }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });
}
