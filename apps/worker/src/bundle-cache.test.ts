import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import { expect, test } from 'vitest';
import { BundleCache } from './bundle-cache.ts';

function counting(maxBytes: number) {
  const asked: string[] = [];
  const cache = new BundleCache((digest) => {
    asked.push(digest);
    if (digest === 'away') return Promise.reject(new Error('away'));
    if (digest === 'none') return Promise.resolve(null);
    return Promise.resolve(bundleFromFiles([{ path: 'deployment/00000-a.sql', content: digest.repeat(1000) }]));
  }, maxBytes);
  return { cache, asked };
}

test('a bundle is loaded once, also for those who ask at the same time', async () => {
  const { cache, asked } = counting(100_000);
  await Promise.all([cache.get('a'), cache.get('a')]);
  await cache.get('a');
  expect(asked).toEqual(['a']);
});

test('those used longest ago are forgotten first', async () => {
  const { cache, asked } = counting(3500);
  for (const digest of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(digest);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

test('one that is too large is given and not kept; nor is a failure, or that there is none', async () => {
  const { cache, asked } = counting(10);
  expect(await cache.get('a')).not.toBeNull();
  expect(await cache.get('a')).not.toBeNull();
  for (let i = 0; i < 2; i++) {
    expect(await cache.get('none')).toBeNull();
    await expect(cache.get('away')).rejects.toThrow('away');
  }
  expect(asked).toEqual(['a', 'a', 'none', 'away', 'none', 'away']);
});
