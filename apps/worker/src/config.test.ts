import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ConfigError, isAddressAllowed, NOTHING_INTERNAL } from '@postgres-manager/control-plane';
import { readConfig } from './config.ts';

const GOOD = {
  DATABASE_URL: 'postgres://u:secret@h/d',
  REDIS_URL: 'redis://h:6379',
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}

test('three variables are enough', () => {
  expect(readConfig({ ...GOOD, CONCURRENCY: '', A_DSN: 'x' })).toMatchObject({
    concurrency: 10,
    maxTries: 5,
    shutdownGraceMs: 25_000,
    logLevel: 'info',
    metricsPort: null,
    otlpEndpoint: null,
  });
  expect(readConfig({ ...GOOD, A_DSN: 'x' }).lookUpDsn('A_DSN')).toBe('x');
});

test('what webhooks may reach is read, and is nothing internal when it is not given', () => {
  const reaches = (env: Record<string, string>, address: string): boolean =>
    isAddressAllowed(address, 'h', readConfig({ ...GOOD, ...env }).webhooksMayReach ?? NOTHING_INTERNAL);
  expect(reaches({}, '10.0.0.1')).toBe(false);
  expect(reaches({ WEBHOOK_ALLOW_INTERNAL: '10.0.0.0/8' }, '10.0.0.1')).toBe(true);
  expect(faultsOf({ ...GOOD, WEBHOOK_ALLOW_INTERNAL: '10.0.0.0/99' }).join()).toContain('WEBHOOK_ALLOW_INTERNAL is');
});

test('every fault is told at once, and no value', () => {
  const faults = faultsOf({
    DATABASE_URL: 'mysql://secret@h/d',
    ENCRYPTION_KEY: 'tooshort',
    CONCURRENCY: '0',
    SHUTDOWN_GRACE_SECONDS: '1.5',
    MAX_TRIES: '-1',
    LOG_LEVEL: 'loud',
    METRICS_PORT: '70000',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'h:4318',
  });
  expect(faults).toHaveLength(9);
  expect(faults.join('\n')).not.toMatch(/secret|tooshort|loud|70000/);
});

test('a missing key comes with the command that makes one', () => {
  const { ENCRYPTION_KEY: _, ...rest } = GOOD;
  expect(faultsOf(rest)).toEqual([expect.stringContaining('openssl rand -base64 32')]);
});
