import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('without a word in the environment everything is its own, and the API is on port 3000 of this machine alone', () => {
  expect(readConfig({ DATABASE_URL: '', PGPORT: ' ' })).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: null,
    redisUrl: null,
    postgresPort: null,
    encryptionKey: null,
    apiKey: null,
  });
});

test('POSTGRES_PORT goes before PGPORT', () => {
  expect(readConfig({ PGPORT: '5433' })).toMatchObject({ postgresPort: 5433 });
  expect(readConfig({ PGPORT: '5433', POSTGRES_PORT: '5434' })).toMatchObject({ postgresPort: 5434 });
});

test.each(['0', '65536', '5432x', '-1', '0x10'])('%s is no port, and all faults are told at once', (port) => {
  expect(readConfig({ PGPORT: port, PORT: port })).toBe(
    'PORT is to be a port from 1 to 65535.\nPGPORT is to be a port from 1 to 65535.',
  );
});

test('a control database of your own needs an encryption key of your own', () => {
  const said = readConfig({ DATABASE_URL: 'postgres://localhost/control' });
  expect(said).toContain('export ENCRYPTION_KEY="$(openssl rand -base64 32)"');
  expect(readConfig({ DATABASE_URL: 'postgres://localhost/control', ENCRYPTION_KEY: 'k' })).toMatchObject({
    databaseUrl: 'postgres://localhost/control',
  });
});
