import type { RedisServer } from './redis-server.ts';

/** Listens to everything that is said to a Redis. */
export async function watchRedis(server: RedisServer): Promise<{ stop(): string }> {
  const client = server.client();
  const monitor = await client.monitor();
  const said: string[] = [];
  monitor.on('monitor', (_time: string, args: string[]) => said.push(args.join(' ')));
  return {
    stop: () => {
      monitor.disconnect();
      client.disconnect();
      return said.join('\n');
    },
  };
}
