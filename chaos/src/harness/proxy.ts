import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Message, MessageReader } from './messages.ts';

/** What becomes of a message: of `none` not a byte goes on, of `half` a half; a promise holds it until then. */
export type Verdict = 'pass' | 'half' | 'none' | Promise<void>;

/** Asked about each message of one connection, in order. */
export type Judge = (message: Message) => Verdict;

/** `open`: all passes. `silent`: connections stand, and nothing passes. `refusing`: connections are cut and refused. */
export type Line = 'open' | 'silent' | 'refusing';

export interface Proxy {
  readonly port: number;
  /** How the line is from now on; what was held back in silence goes on when it is open again. */
  set(line: Line): void;
  /** Cuts every connection there is; new ones are taken. */
  cut(): void;
  /** Leaves every connection half-open: this side's stays and hears nothing more, the other's is gone. */
  strand(side: 'client' | 'server'): void;
  connections(): number;
  close(): Promise<void>;
}

/**
 * Stands between clients and a server of 127.0.0.1.
 * @param judgeOf gives each new connection its judge; null: the bytes are not looked into
 */
export async function startProxy(serverPort: number, judgeOf: (() => Judge) | null): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let line: Line = 'open';
  const listener = createServer((client) => {
    if (line === 'refusing') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, serverPort, judgeOf?.() ?? null, line === 'silent');
    pairs.add(pair);
    pair.onceClosed(() => pairs.delete(pair));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const cut = (): void => {
    for (const pair of pairs) pair.destroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    set: (next) => {
      line = next;
      if (next === 'refusing') cut();
      else for (const pair of pairs) pair.setSilent(next === 'silent');
    },
    cut,
    strand: (side) => {
      for (const pair of pairs) pair.strand(side);
    },
    connections: () => pairs.size,
    close: async () => {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A client's connection and the one to the server that belongs to it. */
class Pair {
  readonly #sockets: readonly [Socket, Socket];
  #silent: boolean;
  /** After `half` or `none` nothing passes any more. */
  #stopped = false;
  #stranded = false;

  constructor(client: Socket, serverPort: number, judge: Judge | null, silent: boolean) {
    const server = connect(serverPort, '127.0.0.1');
    this.#sockets = [client, server];
    this.#silent = silent;
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      // One that was left half-open stays so until it is cut, or ended by who is left.
      socket.on('close', () => {
        if (!this.#stranded) this.destroy();
        this.#stranded = false;
      });
    }
    this.#relay(client, server, judge, 'client');
    this.#relay(server, client, judge, 'server');
    if (silent) this.setSilent(true);
  }

  /** Both ends are gone. */
  onceClosed(act: () => void): void {
    let open = this.#sockets.length;
    for (const socket of this.#sockets) {
      socket.once('close', () => {
        open--;
        if (open === 0) act();
      });
    }
  }

  setSilent(silent: boolean): void {
    this.#silent = silent;
    for (const socket of this.#sockets) {
      if (silent) socket.pause();
      else socket.resume();
    }
  }

  strand(side: 'client' | 'server'): void {
    const [client, server] = this.#sockets;
    this.#stopped = true;
    this.#stranded = true;
    (side === 'client' ? server : client).resetAndDestroy();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(source: Socket, sink: Socket, judge: Judge | null, from: 'client' | 'server'): void {
    const reader = new MessageReader(from);
    let before: Promise<void> = Promise.resolve();
    let held = 0;
    const pass = (message: Message, raw: Buffer): Promise<void> | null => {
      if (this.#stopped) return null;
      const verdict = judge?.(message) ?? 'pass';
      if (typeof verdict !== 'string') return verdict.then(() => void sink.write(raw));
      if (verdict === 'pass') sink.write(raw);
      else this.#stopped = true;
      if (verdict === 'half') sink.write(raw.subarray(0, Math.ceil(raw.length / 2)));
      return null;
    };
    source.on('data', (bytes: Buffer) => {
      if (judge === null) {
        sink.write(bytes);
        return;
      }
      for (const { message, raw } of reader.take(bytes)) {
        // Behind a message that is held everything waits its turn.
        const waiting = held > 0 ? before.then(() => pass(message, raw)) : pass(message, raw);
        if (waiting === null) continue;
        held++;
        before = waiting.then(() => void held--);
      }
      if (this.#silent) source.pause();
    });
    source.on('end', () => {
      if (!this.#stranded) sink.end();
    });
  }
}
