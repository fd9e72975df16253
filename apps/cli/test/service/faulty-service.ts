import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a request to it was. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Reply = (response: ServerResponse, request: Seen) => void;

/** A service that gives each request the next reply that was laid out for its `METHOD /path`; the last one for ever. */
export interface FaultyService {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly seen: readonly Seen[];
}

export const ID = '0b5e8c5e-7c39-4d0e-9f0e-3f0a5c0d9b11';
export const DEPLOYMENT = { id: ID, target: 'shop', mode: 'deployment', status: 'queued' };

/** For the faults that a real service can't easily be brought to have. Stopped at the end of the test. */
export async function faultyService(replies: Readonly<Record<string, readonly Reply[]>>): Promise<FaultyService> {
  const seen: Seen[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      const name = `${request.method ?? ''} ${path}`;
      const nth = counts.get(name) ?? 0;
      counts.set(name, nth + 1);
      const one = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(one);
      const laidOut = replies[name] ?? [];
      const reply = laidOut[Math.min(nth, laidOut.length - 1)] ?? json(404, {});
      reply(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, env: { POSTGRES_MANAGER_SERVER: url, POSTGRES_MANAGER_KEY: 'pgm_test' }, seen };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Takes the request, and cuts the connection in the place of an answer. */
export const cut: Reply = (response) => void response.socket?.destroy();

/** A stream of events, that ends, or is cut in the middle of the next one. */
export function events(list: readonly (readonly [number, string, object])[], ending: 'end' | 'cut'): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [number, type, data] of list) {
      const event = { deploymentId: ID, number, at: '2030-04-06T09:00:00.000Z', type, data };
      response.write(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (ending === 'end') response.end();
    else response.write('id: 99\nevent: queu', () => response.socket?.destroy());
  };
}
