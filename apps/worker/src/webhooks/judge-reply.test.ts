import { expect, test } from 'vitest';
import { judgeReply } from './judge-reply.ts';
import type { Reply } from './post-message.ts';
import { DEFAULT_WEBHOOK_TIMING } from './webhook-timing.ts';

const reply = (status: number | null, retryAfterMs: number | null = null): Reply => ({
  status,
  error: 'e',
  answer: null,
  retryAfterMs,
});
const judge = (given: Reply, tries: number) => judgeReply(given, tries, DEFAULT_WEBHOOK_TIMING, () => 0.5);

test.each([200, 202, 204, 299])('%d is a success', (status) => {
  expect(judge(reply(status), 1)).toEqual({ kind: 'delivered' });
});

test.each([null, 100, 301, 302, 308, 400, 401, 404, 500, 502])('%s is tried again', (status) => {
  expect(judge(reply(status), 1)).toEqual({ kind: 'failed', retryMs: 5000, restMs: 0, isGone: false });
});

test('waits grow over three days, and then it is given up', () => {
  const waits = Array.from({ length: 10 }, (_, i) => judge(reply(500), i + 1)).map((v) =>
    v.kind === 'failed' && v.retryMs !== null ? v.retryMs / 60_000 : null,
  );
  expect(waits).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440, null]);
});

test('waits are spread by a quarter to either side', () => {
  const waits = [0, 0.999_999].map((r) => judgeReply(reply(500), 2, DEFAULT_WEBHOOK_TIMING, () => r));
  expect(waits).toMatchObject([{ retryMs: 225_000 }, { retryMs: 375_000 }]);
});

test('410 ends it at once', () => {
  expect(judge(reply(410), 1)).toEqual({ kind: 'failed', retryMs: null, restMs: 0, isGone: true });
});

test.each([429, 503])('%d may ask for a longer wait, of an hour at most, and never for a shorter one', (status) => {
  expect(judge(reply(status, 60_000), 1)).toMatchObject({ retryMs: 60_000, restMs: 60_000 });
  expect(judge(reply(status, 86_400_000), 1)).toMatchObject({ retryMs: 3_600_000, restMs: 3_600_000 });
  expect(judge(reply(status, 1000), 2)).toMatchObject({ retryMs: 300_000, restMs: 1000 });
  expect(judge(reply(status), 1)).toMatchObject({ retryMs: 5000, restMs: 0 });
});

test('of other answers Retry-After is not looked at', () => {
  expect(judge(reply(500, 60_000), 1)).toMatchObject({ retryMs: 5000, restMs: 0 });
});
