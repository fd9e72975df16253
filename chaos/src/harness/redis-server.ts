import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type RunningRedis, startRedis } from '../../../apps/standalone/dist/redis/start-redis.js';

/** A Redis of the run's own, on disk, to be killed and emptied. */
export interface RedisServer {
  readonly port: number;
  kill(): Promise<void>;
  /** @param options.empty with nothing of what it had before */
  start(options?: { readonly empty: boolean }): Promise<void>;
  flush(): Promise<void>;
  /** For looking into it. */
  client(): Redis;
  remove(): Promise<void>;
}

export async function startRedisServer(program: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pm-chaos-redis-'));
  let running: RunningRedis = await startRedis({ program, dataDirectory: folder, port: null });
  const { port } = running;
  const client = (): Redis => {
    const redis = new Redis(`redis://127.0.0.1:${port}`, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    return redis;
  };
  return {
    port,
    kill: () => running.kill(),
    start: async ({ empty } = { empty: false }) => {
      if (empty) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
      running = await startRedis({ program, dataDirectory: folder, port });
    },
    flush: async () => {
      const redis = client();
      await redis.flushall();
      redis.disconnect();
    },
    client,
    remove: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
