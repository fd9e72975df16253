import {
  allowInternal,
  databaseUrl,
  encryptionKey,
  type Environment,
  type Keyring,
  logLevel,
  otlpEndpoint,
  parseEnvironment,
  redisUrl,
  wholeNumber,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import type { WorkerConfig } from './worker-config.ts';

const WHOSE = 'this worker';

const keys = {
  ENCRYPTION_KEY: encryptionKey('opens'),
  ENCRYPTION_KEY_PREVIOUS: z.string().optional(),
};

const schema = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  ...keys,
  CONCURRENCY: wholeNumber('CONCURRENCY', 1, 500, 10),
  SHUTDOWN_GRACE_SECONDS: wholeNumber('SHUTDOWN_GRACE_SECONDS', 0, 3600, 25),
  MAX_TRIES: wholeNumber('MAX_TRIES', 1, 100, 5),
  LOG_LEVEL: logLevel,
  METRICS_PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'METRICS_PORT is to be a port up to 65535.')
    .transform(Number)
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
  WEBHOOK_ALLOW_INTERNAL: allowInternal,
});

/**
 * Reads the environment: the only place in this app that does. An empty variable counts as not set.
 * @throws ConfigError with every fault; it never shows a value
 */
export function readConfig(env: Environment = process.env): WorkerConfig {
  const { data, keyring } = parseEnvironment(WHOSE, schema, env);
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    keyring,
    lookUpDsn: (variable) => env[variable],
    concurrency: data.CONCURRENCY,
    maxTries: data.MAX_TRIES,
    shutdownGraceMs: data.SHUTDOWN_GRACE_SECONDS * 1000,
    logLevel: data.LOG_LEVEL,
    metricsPort: data.METRICS_PORT ?? null,
    otlpEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    webhooksMayReach: data.WEBHOOK_ALLOW_INTERNAL,
  };
}

/** What `rotate-encryption-key` needs of the environment. Throws as `readConfig` does. */
export function readRotationConfig(env: Environment = process.env): { databaseUrl: string; keyring: Keyring } {
  const { data, keyring } = parseEnvironment(WHOSE, z.object({ DATABASE_URL: databaseUrl, ...keys }), env);
  return { databaseUrl: data.DATABASE_URL, keyring };
}
