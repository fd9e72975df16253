import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { isLocalRequest } from './is-local-request.ts';

function from(remoteAddress: string | undefined, headers: Record<string, string>): boolean {
  return isLocalRequest({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);
}

test.each(['localhost', 'localhost:3000', 'LOCALHOST:3000', '127.0.0.1:3000', '127.1.2.3', '[::1]:3000', '[::1]'])(
  'from this machine to %s',
  (host) => {
    expect(from('127.0.0.1', { host })).toBe(true);
    expect(from('::1', { host })).toBe(true);
    expect(from('::ffff:127.0.0.1', { host })).toBe(true);
  },
);

test.each([
  '',
  'example.com',
  'localhost.example.com',
  'localhost:3000:1',
  'localhost@example.com',
  '127.0.0.1.example.com',
  '2130706433',
  '127.1',
  '0.0.0.0:3000',
  '192.168.1.4:3000',
  '[::2]:3000',
  '::1',
])('not from this machine to %j', (host) => {
  expect(from('127.0.0.1', { host })).toBe(false);
});

test.each([undefined, '192.168.1.4', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '2001:db8::1'])(
  'not from %s, whatever its headers say',
  (address) => {
    expect(from(address, { host: 'localhost:3000' })).toBe(false);
    expect(from(address, { host: 'localhost:3000', 'x-forwarded-for': '127.0.0.1' })).toBe(false);
  },
);

test('not through a proxy on this machine', () => {
  expect(from('127.0.0.1', { host: 'localhost:3000', 'x-forwarded-for': '127.0.0.1' })).toBe(false);
  expect(from('127.0.0.1', { host: 'localhost:3000', forwarded: 'for=127.0.0.1' })).toBe(false);
});
