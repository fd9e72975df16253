import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('without a word in the environment the embedded Postgres runs on any free port', () => {
  expect(readConfig({ DATABASE_URL: '', PGPORT: ' ' })).toEqual({ databaseUrl: null, port: null });
});

test('POSTGRES_PORT goes before PGPORT', () => {
  expect(readConfig({ PGPORT: '5433' })).toEqual({ databaseUrl: null, port: 5433 });
  expect(readConfig({ PGPORT: '5433', POSTGRES_PORT: '5434' })).toEqual({ databaseUrl: null, port: 5434 });
});

test.each(['0', '65536', '5432x', '-1', '0x10'])('%s is no port', (port) => {
  expect(readConfig({ PGPORT: port })).toBe('PGPORT is to be a port from 1 to 65535.');
});
