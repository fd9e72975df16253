import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Page, streamPages } from './stream-pages.ts';

const PLAIN = { head: '[', row: (row: number) => `${row},`, tail: ']' };

/** Pages of three numbers, and how often was asked for one. */
function numbers(last: number): { first: Page<number>; asked: () => number } {
  let asked = 0;
  const from = (start: number): Page<number> => ({
    rows: [start, start + 1, start + 2].filter((number) => number <= last),
    next:
      start + 2 >= last
        ? null
        : () => {
            asked++;
            return Promise.resolve(from(start + 3));
          },
  });
  return { first: from(1), asked: () => asked };
}

async function streamed(last: number, most: number): Promise<string> {
  const to = new PassThrough();
  const [written] = await Promise.all([text(to), streamPages(numbers(last).first, PLAIN, most, to)]);
  return written;
}

test('all rows come, in order', async () => {
  expect(await streamed(7, 100)).toBe('[1,2,3,4,5,6,7,]');
  expect(await streamed(0, 100)).toBe('[]');
});

test('and no more than are to', async () => {
  expect(await streamed(7, 5)).toBe('[1,2,3,4,5,]');
  expect(await streamed(7, 3)).toBe('[1,2,3,]');
});

test('for a reader that takes nothing nothing is read, and one that leaves ends it', async () => {
  const { first, asked } = numbers(100_000);
  const to = new PassThrough({ highWaterMark: 1 });
  const done = streamPages(first, PLAIN, Number.POSITIVE_INFINITY, to);
  await pause(50);
  expect(asked()).toBeLessThan(8);
  const before = asked();
  to.destroy();
  await expect(done).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  expect(asked()).toBeLessThanOrEqual(before + 1);
});

test('a fault in the middle destroys the stream: no part looks like the whole', async () => {
  const to = new PassThrough();
  const first = { rows: [1], next: () => Promise.reject(new Error('away')) };
  const done = streamPages(first, PLAIN, 10, to);
  const read = text(to);
  await expect(Promise.allSettled([done, read])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(to.destroyed).toBe(true);
});
