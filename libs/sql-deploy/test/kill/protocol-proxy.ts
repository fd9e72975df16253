import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestServer } from '../../../../test-support/servers.ts';

/** One message between client and server (PostgreSQL manual 55.7). */
export interface Message {
  readonly from: 'client' | 'server';
  /** One letter; `startup` for the client's first. */
  readonly type: string;
  /** What follows type and length, as text: for matching. */
  readonly text: string;
  /** Size of the whole message, in bytes. */
  readonly size: number;
}

/** What becomes of a message: `half` of it goes on its way and then nothing more, of `none` not a byte. */
export type Verdict = 'pass' | 'half' | 'none';

export interface Proxy {
  readonly port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Stands between a client and a server, and asks `judge` about each message before it goes on. After a verdict other
 * than `pass` nothing passes any more, in either direction; the server sees the end of the connection once the
 * client's is gone, as it would without a proxy.
 */
export async function startProxy(server: TestServer, judge: (message: Message) => Verdict): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = server.host.startsWith('/')
      ? connect(`${server.host}/.s.PGSQL.${server.port}`)
      : connect(server.port, server.host);
    sockets.add(client).add(upstream);
    let stopped = false;
    const relay = (from: 'client' | 'server', source: Socket, sink: Socket): void => {
      const reader = new MessageReader(from);
      source.on('data', (bytes: Buffer) => {
        for (const { message, raw } of reader.take(bytes)) {
          if (stopped) return;
          const verdict = judge(message);
          if (verdict === 'pass') sink.write(raw);
          else stopped = true;
          if (verdict === 'half') sink.write(raw.subarray(0, Math.ceil(raw.length / 2)));
        }
      });
      source.on('error', () => undefined);
      source.on('close', () => sink.end());
    };
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    relay('client', client, upstream);
    relay('server', upstream, client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

class MessageReader {
  readonly #from: 'client' | 'server';
  #pieces: Buffer[] = [];
  #length = 0;
  #started: boolean;

  constructor(from: 'client' | 'server') {
    this.#from = from;
    this.#started = from === 'server';
  }

  *take(bytes: Buffer): Generator<{ readonly message: Message; readonly raw: Buffer }> {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    for (;;) {
      const head = this.#started ? 1 : 0;
      const buffer = this.#joined();
      if (this.#length < head + 4) return;
      const size = head + buffer.readUInt32BE(head);
      if (this.#length < size) return;
      const raw = buffer.subarray(0, size);
      this.#pieces = [buffer.subarray(size)];
      this.#length -= size;
      const type = this.#started ? String.fromCharCode(raw[0] ?? 0) : 'startup';
      this.#started = true;
      yield { message: { from: this.#from, type, text: raw.toString('utf8', head + 4), size }, raw };
    }
  }

  #joined(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }
}
