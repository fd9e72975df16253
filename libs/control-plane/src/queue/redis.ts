import { Redis } from 'ioredis';

/** How a connection behaves while Redis is away: commands fail at once, and it is tried again every two seconds at most. */
const WHILE_AWAY = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: null,
  connectTimeout: 2000,
  keepAlive: 5000,
  retryStrategy: (times: number): number => Math.min(100 * times, 2000),
};

/**
 * Connects to Redis in the background; a Redis that is away now is found when it comes.
 * @param url REDIS_URL: `redis://` or, with TLS, `rediss://`; user, password and database number may be in it
 * @param onError told of each failed try; ioredis puts whole commands into errors, so log its message alone
 */
export function openRedis(url: string, onError: (error: Error) => void, autoResubscribe = true): Redis {
  const redis = new Redis(url, { ...WHILE_AWAY, autoResubscribe });
  redis.on('error', onError);
  return redis;
}
