import { expect, test } from 'vitest';
import { createConsole } from './console.ts';
import { type Standing, welcome } from './welcome.ts';

const STANDING: Standing = {
  host: '127.0.0.1',
  port: 3001,
  signInCode: 'CODE',
  controlDatabase: 'postgres_manager on 127.0.0.1:5432',
  dataDirectory: null,
  redis: 'its own',
  key: null,
  keyIsGiven: false,
  target: 'local',
};

test('the dashboard comes first, with the code that signs in', () => {
  const lines = welcome(STANDING, createConsole(false)).split('\n');
  expect(lines[2]).toBe('  Dashboard http://localhost:3001/#sign-in=CODE');
  expect(lines[3]).toContain('signs in on this machine only');
});

test.each(['local', null])(
  'whoever reads what to try next is sent to the dashboard before curl (target %s)',
  (target) => {
    const text = welcome({ ...STANDING, target }, createConsole(false));
    expect(text).toContain('Open the dashboard in a browser');
    expect(text.indexOf('Open the dashboard')).toBeLessThan(text.indexOf('curl'));
  },
);

test.each([
  ['0.0.0.0', 'http://localhost:3001/#sign-in=CODE'],
  ['::', 'http://localhost:3001/#sign-in=CODE'],
  ['192.168.7.9', 'http://192.168.7.9:3001/'],
  ['fd00::7', 'http://[fd00::7]:3001/'],
])('listening on %s, the dashboard is said to be at an address that answers', (host, address) => {
  const lines = welcome({ ...STANDING, host }, createConsole(false)).split('\n');
  expect(lines[2]).toBe(`  Dashboard ${address}`);
  expect(lines.join('\n').includes('CODE')).toBe(address.endsWith('CODE'));
});
