import { once } from 'node:events';
import { connect } from 'node:net';
import type { RedisServer } from './redis-server.ts';

/** Listens to everything that is said to a Redis. By hand: a client loses count when MONITOR begins in a busy moment. */
export async function watchRedis({ port }: RedisServer): Promise<{ stop(): string }> {
  const socket = connect(port, '127.0.0.1');
  const said: string[] = [];
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.setEncoding('utf8').on('data', (text: string) => said.push(text));
  socket.write('MONITOR\r\n');
  await once(socket, 'data');
  return {
    stop: () => {
      socket.destroy();
      return said.join('');
    },
  };
}
