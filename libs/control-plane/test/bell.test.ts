import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { redisOfThisTest } from '../../../test-support/redis.ts';
import { type Head, openBell } from '../src/index.ts';

const heads = (count: number): Head[] =>
  Array.from({ length: count }, () => ({ id: randomUUID(), epoch: 0, delayMs: 0, priority: 0 }));

test('rings again for what nobody rang for, and asks once where all are rung for', async () => {
  const { url } = await redisOfThisTest();
  const bell = openBell({ url, onError: () => {} });
  const redis = new Redis(url);
  onTestFinished(async () => {
    redis.disconnect();
    await bell.close();
  });
  const scripts = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  // More than go to Redis at once.
  const known = heads(700);
  await bell.ring(known);
  expect((await bell.counts()).waiting).toBe(700);

  const before = await scripts();
  await bell.ringMissing(known);
  expect(await scripts()).toBe(before);

  const unknown = heads(3);
  await bell.ringMissing([...known, ...unknown]);
  expect((await bell.counts()).waiting).toBe(703);

  await redis.flushall();
  await bell.ringMissing([...known, ...unknown]);
  expect((await bell.counts()).waiting).toBe(703);
});
