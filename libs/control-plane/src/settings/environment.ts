import { parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { z } from 'zod';
import { ControlPlaneError } from '../errors.ts';
import { type Keyring, readKeyring } from '../targets/keyring.ts';
import { readInternalAllowance } from '../webhooks/internal-addresses.ts';

// What API and worker are told alike through their environments, so that both understand it alike. Nothing here reads
// the environment: each app's config.ts does, and hands over what it found.

export type Environment = Readonly<Record<string, string | undefined>>;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is wrong with an environment: every fault at once, no value shown. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  /** @param whose `the API`, `this worker` */
  constructor(whose: string, faults: readonly string[]) {
    super(`The environment of ${whose} is not in order:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

export const wholeNumber = (name: string, least: number, most: number, otherwise: number) =>
  z
    .string()
    .default(String(otherwise))
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
      `${name} is to be a whole number from ${least} to ${most}.`,
    )
    .transform(Number);

const required = (name: string, what: string) => z.string({ error: `${name} is not set: ${what}` });

export const databaseUrl = required(
  'DATABASE_URL',
  'the DSN of the control database, postgres://USER:PASSWORD@HOST/DATABASE.',
).superRefine((text, context) => {
  const fault = dsnFault(text);
  if (fault !== null) context.addIssue({ code: 'custom', message: `DATABASE_URL: ${fault}` });
});

export const redisUrl = required('REDIS_URL', 'redis://HOST:6379, or rediss:// with TLS.').regex(
  /^rediss?:\/\/\S+$/,
  'REDIS_URL is to begin with redis:// or, with TLS, rediss://.',
);

/** @param does what the key does there: `seals`, `opens` */
export const encryptionKey = (does: string) =>
  required(
    'ENCRYPTION_KEY',
    `the key that ${does} the targets’ DSNs. Make one with \`openssl rand -base64 32\`, and give the same to every API and worker process.`,
  );

export const logLevel = z
  .enum(LOG_LEVELS, { error: `LOG_LEVEL is to be one of ${LOG_LEVELS.join(', ')}.` })
  .default('info');

export const otlpEndpoint = z
  .string()
  .regex(/^https?:\/\/\S+$/, 'OTEL_EXPORTER_OTLP_ENDPOINT is to be an address such as http://HOST:4318.')
  .optional();

/** What webhooks may lead to though it is internal; nothing of that kind when it is not set. */
export const allowInternal = z
  .string()
  .default('')
  .transform((text, context) => {
    const allowance = readInternalAllowance(text);
    if (allowance !== null) return allowance;
    context.addIssue({
      code: 'custom',
      message:
        'WEBHOOK_ALLOW_INTERNAL is to be addresses, CIDRs and names, separated by commas: 10.0.0.0/8,fd00::/8,hooks.example.com.',
    });
    return z.NEVER;
  });

/**
 * Parses an environment; an empty variable counts as not set. The keyring is made of ENCRYPTION_KEY and
 * ENCRYPTION_KEY_PREVIOUS.
 * @param whose for the message: `the API`, `this worker`
 * @throws ConfigError with every fault
 */
export function parseEnvironment<T extends z.ZodType>(
  whose: string,
  schema: T,
  env: Environment,
): { data: z.output<T>; keyring: Keyring } {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined && text.trim() !== ''));
  const parsed = schema.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  const keyring = keyringOf(given, faults);
  if (!parsed.success || keyring === null) throw new ConfigError(whose, faults);
  return { data: parsed.data, keyring };
}

/** Null when there is none, which the schema tells of, or none that can be used: then `faults` says why. */
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
