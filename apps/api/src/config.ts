import { ControlPlaneError, isKey, type Keyring, readKeyring } from '@postgres-manager/control-plane';
import { parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { z } from 'zod';
import { type ApiConfig, LOG_LEVELS } from './api-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment: every fault at once. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The environment of the API is not in order:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const wholeNumber = (name: string, least: number, most: number, otherwise: number) =>
  z
    .string()
    .default(String(otherwise))
    .refine(
      (text) => /^\d{1,12}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `${name} is to be a whole number from ${least} to ${most}.`,
    )
    .transform(Number);

const required = (name: string, what: string) => z.string({ error: `${name} is not set: ${what}` });

const schema = z.object({
  DATABASE_URL: required(
    'DATABASE_URL',
    'the DSN of the control database, postgres://USER:PASSWORD@HOST/DATABASE.',
  ).superRefine((text, context) => {
    const fault = dsnFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `DATABASE_URL: ${fault}` });
  }),
  REDIS_URL: required('REDIS_URL', 'redis://HOST:6379, or rediss:// with TLS.').regex(
    /^rediss?:\/\/\S+$/,
    'REDIS_URL is to begin with redis:// or, with TLS, rediss://.',
  ),
  PORT: wholeNumber('PORT', 0, 65_535, 3000),
  HOST: z.string().default('127.0.0.1'),
  ENCRYPTION_KEY: required(
    'ENCRYPTION_KEY',
    'the key that seals the targets’ DSNs. Make one with `openssl rand -base64 32`, and give the same to every API and worker process.',
  ),
  ENCRYPTION_KEY_PREVIOUS: z.string().optional(),
  BOOTSTRAP_API_KEY: z
    .string()
    .refine(
      isKey,
      'BOOTSTRAP_API_KEY is to be pgm_ and 43 characters of base64url: `echo "pgm_$(openssl rand -base64 32 | tr +/ -_ | tr -d =)"` makes one.',
    )
    .optional(),
  SQL_ROOT: z.string().default('.'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `LOG_LEVEL is to be one of ${LOG_LEVELS.join(', ')}.` }).default('info'),
  RATE_LIMIT_PER_MINUTE: wholeNumber('RATE_LIMIT_PER_MINUTE', 0, 1_000_000, 1200),
  BODY_LIMIT_BYTES: wholeNumber('BODY_LIMIT_BYTES', 1024, 1_000_000_000, 64 * 1024 * 1024),
  DATABASE_CONNECTIONS: wholeNumber('DATABASE_CONNECTIONS', 1, 1000, 10),
  METRICS_TOKEN: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'OTEL_EXPORTER_OTLP_ENDPOINT is to be an address such as http://HOST:4318.')
    .optional(),
});

/**
 * Reads the environment: the only place in this app that does. An empty variable counts as not set.
 * @throws ConfigError with every fault; it never shows a value
 */
export function readConfig(env: Environment = process.env): ApiConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined && text.trim() !== ''));
  const parsed = schema.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  const keyring = keyringOf(given, faults);
  if (!parsed.success || keyring === null) throw new ConfigError(faults);
  const { data } = parsed;
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
  };
}

/** Null when there is none, or none that can be used: then `faults` says why. */
function keyringOf(env: Environment, faults: string[]): Keyring | null {
  const current = env['ENCRYPTION_KEY'];
  if (current === undefined) return null;
  try {
    return readKeyring(current, env['ENCRYPTION_KEY_PREVIOUS'] ?? null);
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    faults.push(`${error.message} ${error.hint}`);
    return null;
  }
}

function dsnFault(dsn: string): string | null {
  try {
    parseDsn(dsn);
    return null;
  } catch (error) {
    if (!(error instanceof SqlDeployError)) throw error;
    return `${error.message} ${error.hint}`;
  }
}
