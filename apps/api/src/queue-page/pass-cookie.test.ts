import { expect, test } from 'vitest';
import { passCookie, passOf } from './pass-cookie.ts';

const PASS = 'p'.repeat(43);
const cookie = (headers: Record<string, string>): string => passCookie(PASS, { headers });

test('the cookie is for its path alone, out of scripts’ reach, and follows no other site', () => {
  expect(cookie({}).split('; ')).toEqual([
    `postgres_manager_queue_page=${PASS}`,
    'Path=/queues',
    'Max-Age=1800',
    'HttpOnly',
    'SameSite=Strict',
  ]);
});

test('the cookie is Secure where the browser speaks TLS, with a proxy before us or not', () => {
  expect(cookie({ origin: 'https://pm.example.com' })).toMatch(/; Secure$/);
  expect(cookie({ 'x-forwarded-proto': 'https' })).toMatch(/; Secure$/);
  expect(cookie({ origin: 'http://localhost:3000' })).not.toMatch(/Secure/);
});

test('a pass is found among other cookies, and nothing else is taken for one', () => {
  const read = (text: string): string | null => passOf({ headers: { cookie: text } });
  expect(read(`a=b; postgres_manager_queue_page=${PASS}; c=d`)).toBe(PASS);
  expect(read(`postgres_manager_queue_page=${PASS}`)).toBe(PASS);
  for (const other of [
    '',
    `x_postgres_manager_queue_page=${PASS}`,
    `postgres_manager_queue_page=${PASS}p`,
    `postgres_manager_queue_page=${PASS.slice(1)}`,
    `a="postgres_manager_queue_page=${PASS}"`,
  ]) {
    expect(read(other), other).toBeNull();
  }
  expect(passOf({ headers: {} })).toBeNull();
});
