import { onTestFinished } from 'vitest';
import { type RunningRedis, startRedis } from '../apps/standalone/src/redis/start-redis.ts';
import { findOrInstallRedis } from '../scripts/find-redis.mjs';

/** A Redis of a test's own, in memory; the caller stops it. With REDIS_URL unset or not, one is started: tests flush and kill it. */
export async function startTestRedis(port: number | null = null): Promise<RunningRedis> {
  const { program, advice } = findOrInstallRedis();
  if (program === null) throw new Error(advice);
  return startRedis({ program, dataDirectory: null, port });
}

/** The same, stopped at the end of the running test. */
export async function redisOfThisTest(): Promise<RunningRedis> {
  const redis = await startTestRedis();
  onTestFinished(() => redis.stop());
  return redis;
}
