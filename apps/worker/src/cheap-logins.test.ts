import { expect, test } from 'vitest';
import { keeping } from './cheap-logins.ts';

const SALT = new Uint8Array([1, 2, 3]);

function counting(): { derive: Parameters<typeof keeping>[0]; asked: () => number } {
  let count = 0;
  return {
    derive: () => {
      count++;
      return count === 1 ? Promise.reject(new Error('no entropy')) : Promise.resolve(new Uint8Array([count]).buffer);
    },
    asked: () => count,
  };
}

test('what was derived once is derived no more; a failure is', async () => {
  const { derive, asked } = counting();
  const kept = keeping(derive);
  await expect(kept('secret', SALT, 4096)).rejects.toThrow('no entropy');
  const first = await kept('secret', SALT, 4096);
  expect(await kept('secret', new Uint8Array(SALT), 4096)).toBe(first);
  expect(asked()).toBe(2);
});

test('another password, salt or count of iterations is another key', async () => {
  const { derive, asked } = counting();
  const kept = keeping(derive);
  await kept('other', SALT, 4096).catch(() => undefined);
  for (const salt of [SALT, new Uint8Array([4])]) {
    for (const password of ['secret', 'secret2']) {
      for (const iterations of [4096, 4097]) await kept(password, salt, iterations);
    }
  }
  expect(asked()).toBe(9);
});
