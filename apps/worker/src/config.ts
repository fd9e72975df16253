import { ControlPlaneError, type Keyring, readKeyring } from '@postgres-manager/control-plane';
import { parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { z } from 'zod';
import { LOG_LEVELS, type WorkerConfig } from './worker-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment: every fault at once. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The environment of this worker is not in order:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const wholeNumber = (name: string, least: number, most: number, otherwise: number) =>
  z
    .string()
    .default(String(otherwise))
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
      `${name} is to be a whole number from ${least} to ${most}.`,
    )
    .transform(Number);

const required = (name: string, what: string) => z.string({ error: `${name} is not set: ${what}` });

const databaseUrl = required(
  'DATABASE_URL',
  'the DSN of the control database, postgres://USER:PASSWORD@HOST/DATABASE.',
).superRefine((text, context) => {
  const fault = dsnFault(text);
  if (fault !== null) context.addIssue({ code: 'custom', message: `DATABASE_URL: ${fault}` });
});

const keys = {
  ENCRYPTION_KEY: required(
    'ENCRYPTION_KEY',
    'the key that opens the targets’ DSNs. Make one with `openssl rand -base64 32`, and give the same to every API and worker process.',
  ),
  ENCRYPTION_KEY_PREVIOUS: z.string().optional(),
};

const schema = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: required('REDIS_URL', 'redis://HOST:6379, or rediss:// with TLS.').regex(
    /^rediss?:\/\/\S+$/,
    'REDIS_URL is to begin with redis:// or, with TLS, rediss://.',
  ),
  ...keys,
  CONCURRENCY: wholeNumber('CONCURRENCY', 1, 500, 10),
  SHUTDOWN_GRACE_SECONDS: wholeNumber('SHUTDOWN_GRACE_SECONDS', 0, 3600, 25),
  MAX_TRIES: wholeNumber('MAX_TRIES', 1, 100, 5),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `LOG_LEVEL is to be one of ${LOG_LEVELS.join(', ')}.` }).default('info'),
  METRICS_PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'METRICS_PORT is to be a port up to 65535.')
    .transform(Number)
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'OTEL_EXPORTER_OTLP_ENDPOINT is to be an address such as http://HOST:4318.')
    .optional(),
});

/**
 * Reads the environment: the only place in this app that does. An empty variable counts as not set.
 * @throws ConfigError with every fault; it never shows a value
 */
export function readConfig(env: Environment = process.env): WorkerConfig {
  const parsed = schema.safeParse(withoutEmpty(env));
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  const keyring = keyringOf(env, faults);
  if (!parsed.success || keyring === null) throw new ConfigError(faults);
  const { data } = parsed;
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
  };
}

/** What `rotate-encryption-key` needs of the environment. Throws as `readConfig` does. */
export function readRotationConfig(env: Environment = process.env): { databaseUrl: string; keyring: Keyring } {
  const parsed = z.object({ DATABASE_URL: databaseUrl, ...keys }).safeParse(withoutEmpty(env));
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  const keyring = keyringOf(env, faults);
  if (!parsed.success || keyring === null) throw new ConfigError(faults);
  return { databaseUrl: parsed.data.DATABASE_URL, keyring };
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined && text.trim() !== ''));
}

/** Null when there is none, or none that can be used: then `faults` says why. */
function keyringOf(env: Environment, faults: string[]): Keyring | null {
  const current = env['ENCRYPTION_KEY']?.trim() ?? '';
  if (current === '') return null;
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
