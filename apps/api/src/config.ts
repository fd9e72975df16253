import {
  allowInternal,
  databaseUrl,
  encryptionKey,
  type Environment,
  isKey,
  logLevel,
  otlpEndpoint,
  parseEnvironment,
  redisUrl,
  wholeNumber,
} from '@postgres-manager/control-plane';
import { z } from 'zod';
import type { ApiConfig } from './api-config.ts';

const schema = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  PORT: wholeNumber('PORT', 0, 65_535, 3000),
  HOST: z.string().default('127.0.0.1'),
  ENCRYPTION_KEY: encryptionKey('seals'),
  ENCRYPTION_KEY_PREVIOUS: z.string().optional(),
  BOOTSTRAP_API_KEY: z
    .string()
    .refine(
      isKey,
      'BOOTSTRAP_API_KEY is to be pgm_ and 43 characters of base64url: `echo "pgm_$(openssl rand -base64 32 | tr +/ -_ | tr -d =)"` makes one.',
    )
    .optional(),
  SQL_ROOT: z.string().default('.'),
  LOG_LEVEL: logLevel,
  RATE_LIMIT_PER_MINUTE: wholeNumber('RATE_LIMIT_PER_MINUTE', 0, 1_000_000, 1200),
  BODY_LIMIT_BYTES: wholeNumber('BODY_LIMIT_BYTES', 1024, 1_000_000_000, 64 * 1024 * 1024),
  DATABASE_CONNECTIONS: wholeNumber('DATABASE_CONNECTIONS', 1, 1000, 10),
  METRICS_TOKEN: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
  WEBHOOK_ALLOW_INTERNAL: allowInternal,
});

/**
 * Reads the environment: the only place in this app that does. An empty variable counts as not set.
 * @throws ConfigError with every fault; it never shows a value
 */
export function readConfig(env: Environment = process.env): ApiConfig {
  const { data, keyring } = parseEnvironment('the API', schema, env);
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    port: data.PORT,
    host: data.HOST,
    keyring,
    bootstrapKey: data.BOOTSTRAP_API_KEY ?? null,
    sqlRoot: data.SQL_ROOT,
    logLevel: data.LOG_LEVEL,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    bundleLimitBytes: data.BODY_LIMIT_BYTES,
    maxConnections: data.DATABASE_CONNECTIONS,
    metricsToken: data.METRICS_TOKEN ?? null,
    otlpEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    webhooksMayReach: data.WEBHOOK_ALLOW_INTERNAL,
  };
}
