import { describe, expect, test } from 'vitest';
import {
  findUrlFault,
  type InternalAllowance,
  isAddressAllowed,
  NOTHING_INTERNAL,
  readInternalAllowance,
} from './internal-addresses.ts';

const allowing = (text: string): InternalAllowance => {
  const allowance = readInternalAllowance(text);
  if (allowance === null) throw new Error(`${text} is not read.`);
  return allowance;
};

describe('addresses that a webhook may not lead to', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.7',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '64:ff9b::10.0.0.1',
    '64:ff9b::',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
  ])('%s', (address) => {
    expect(isAddressAllowed(address, 'example.com', NOTHING_INTERNAL)).toBe(false);
  });

  test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101'])(
    'but %s',
    (address) => {
      expect(isAddressAllowed(address, 'example.com', NOTHING_INTERNAL)).toBe(true);
    },
  );

  test('what is allowed is allowed, and nothing beside it', () => {
    const allowance = allowing('10.0.0.0/8, fd00::/8,hooks.corp.example');
    expect(isAddressAllowed('10.9.9.9', 'x.example', allowance)).toBe(true);
    expect(isAddressAllowed('fd12::1', 'x.example', allowance)).toBe(true);
    expect(isAddressAllowed('192.168.0.1', 'hooks.corp.example', allowance)).toBe(true);
    expect(isAddressAllowed('192.168.0.1', 'x.example', allowance)).toBe(false);
    expect(isAddressAllowed('127.0.0.1', 'x.example', allowance)).toBe(false);
  });

  test.each(['10.0.0.0/33', '10.0.0', '300.1.1.1', 'a b', 'http://x', '::1/129', 'x/8'])(
    '%s is no allowance',
    (text) => {
      expect(readInternalAllowance(text)).toBeNull();
    },
  );
});

describe('the URL of a webhook', () => {
  test.each([
    ['https://hooks.example.com/in?x=1', null],
    ['https://1.1.1.1:8443/', null],
    ['hooks.example.com', 'Is not a URL'],
    ['ftp://hooks.example.com', 'https://'],
    ['http://hooks.example.com', 'https://'],
    ['https://user:secret@hooks.example.com', 'user or password'],
    ['https://user@hooks.example.com', 'user or password'],
    ['https://hooks.example.com/#x', 'fragment'],
    ['https://localhost/', 'internal'],
    ['https://LOCALHOST./', 'internal'],
    ['https://a.localhost/', 'internal'],
    ['https://redis/', 'internal'],
    ['https://metadata.google.internal/', 'internal'],
    ['https://127.1/', 'internal'],
    ['https://2130706433/', 'internal'],
    ['https://0x7f.0.0.1/', 'internal'],
    ['https://0177.0.0.1/', 'internal'],
    ['https://0/', 'internal'],
    ['https://[::1]/', 'internal'],
    ['https://[::ffff:10.0.0.1]/', 'internal'],
    ['https://169.254.169.254/latest', 'internal'],
  ])('%s', (url, fault) => {
    const found = findUrlFault(url, NOTHING_INTERNAL);
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
    expect(found ?? '').not.toContain('secret');
  });

  test('http is for what is allowed by name or address', () => {
    const allowance = allowing('127.0.0.0/8,::1,localhost');
    expect(findUrlFault('http://localhost:8080/', allowance)).toBeNull();
    expect(findUrlFault('http://127.0.0.1:8080/', allowance)).toBeNull();
    expect(findUrlFault('http://[::1]:8080/', allowance)).toBeNull();
    expect(findUrlFault('http://hooks.example.com/', allowance)).toContain('https://');
    expect(findUrlFault('http://10.0.0.1/', allowance)).toContain('internal');
  });
});
