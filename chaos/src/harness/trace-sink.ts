import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Takes traces over OTLP/HTTP, and keeps what it was sent as it came. */
export interface TraceSink {
  readonly url: string;
  text(): string;
  /** How many spans each service sent, by its name. */
  spans(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** As far as it is looked at (OTLP/HTTP with JSON, opentelemetry-proto 1.x). */
interface Export {
  readonly resourceSpans?: readonly {
    readonly resource?: {
      readonly attributes?: readonly { readonly key: string; readonly value: { stringValue?: string } }[];
    };
    readonly scopeSpans?: readonly { readonly spans?: readonly unknown[] }[];
  }[];
}

export async function startTraceSink(): Promise<TraceSink> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const raw = Buffer.concat(pieces);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      bodies.push(body.toString('utf8'));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.join('\n'),
    spans: () => countSpans(bodies),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function countSpans(bodies: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const body of bodies) {
    for (const { resource, scopeSpans = [] } of (JSON.parse(body) as Export).resourceSpans ?? []) {
      const name = resource?.attributes?.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'unnamed';
      const count = scopeSpans.reduce((sum, { spans = [] }) => sum + spans.length, 0);
      counts[name] = (counts[name] ?? 0) + count;
    }
  }
  return counts;
}
