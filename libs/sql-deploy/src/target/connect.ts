import { SqlDeployError } from '../errors.ts';
import type { TargetOptions } from '../execute/options.ts';
import { type ConnectionSettings, describeConnection } from './dsn.ts';
import { isServerError } from './server-error.ts';
import { Session } from './session.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3000;
const LONGEST_ATTEMPT_MS = 10_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/**
 * Connects, trying again with growing waits while the server is away, starting up or full.
 * @throws SqlDeployError unreachable, authentication_failed, permission_missing, database_missing, tls_failed or cancelled
 */
export async function connect(options: TargetOptions): Promise<Session> {
  const deadline = performance.now() + (options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  let waitMs = FIRST_WAIT_MS;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(options.signal);
    const left = deadline - performance.now();
    try {
      return await connectOnce(options.connection, Math.max(1000, Math.min(left, LONGEST_ATTEMPT_MS)));
    } catch (error) {
      if (isDefect(error)) throw error;
      const failure = explain(error, options.connection);
      if (!mayPass(error) || performance.now() + waitMs > deadline) throw failure;
      options.onEvent?.({ type: 'connecting', attempt, waitMs, reason: failure.message });
      await pause(waitMs, options.signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }
}

/** Waits, or throws SqlDeployError cancelled as soon as the signal says so. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    }
    signal?.addEventListener('abort', finish);
  });
  throwIfAborted(signal);
}

/** @throws SqlDeployError cancelled */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new SqlDeployError(
      'cancelled',
      'The run was cancelled before it changed anything.',
      'Run it again when you are ready.',
    );
  }
}

/** One attempt. Only the allowed fields reach the driver, and nothing comes from the environment. */
export async function connectOnce(settings: ConnectionSettings, timeoutMs: number): Promise<Session> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    // A function keeps the driver from looking into PGPASSWORD and ~/.pgpass when there is no password.
    password: () => settings.password ?? '',
    ssl: settings.tls === 'disable' ? false : { rejectUnauthorized: settings.tls === 'verify-full' },
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  forgetEnvironment(client);
  client.on('error', () => {});
  await client.connect();
  const session = new Session(client);
  session.backendPid = (client as unknown as { processID: number | null }).processID ?? 0;
  return session;
}

/** The driver takes PGOPTIONS, PGAPPNAME and the like as start-up parameters, which poolers refuse. */
function forgetEnvironment(client: object): void {
  const parameters = (client as { connectionParameters: Record<string, unknown> }).connectionParameters;
  for (const name of ['options', 'application_name', 'fallback_application_name', 'replication']) {
    parameters[name] = undefined;
  }
}

const NETWORK_CODES_THAT_PASS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT', // a Unix socket that is not there yet
]);

/** 57P03 starting up or shutting down, 53300 too many connections, 57P01/57P02 shut down under us. */
const SQLSTATES_THAT_PASS = new Set(['57P03', '53300', '57P01', '57P02']);

function mayPass(error: unknown): boolean {
  if (isServerError(error)) return SQLSTATES_THAT_PASS.has(error.code);
  const code = networkCode(error);
  if (code !== null) return NETWORK_CODES_THAT_PASS.has(code);
  return error instanceof Error && /timeout|terminated unexpectedly|Connection terminated/i.test(error.message);
}

/** With several addresses to a name Node reports one error holding the others. */
function networkCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const own = (error as { code?: unknown }).code;
  if (typeof own === 'string') return own;
  return error instanceof AggregateError ? networkCode(error.errors[0]) : null;
}

/** Node's own ERR_ codes are about how it was called, TLS apart: a module that is not there, a wrong argument. */
function isDefect(error: unknown): boolean {
  const code = isServerError(error) ? null : networkCode(error);
  return error instanceof TypeError || (code !== null && code.startsWith('ERR_') && !/TLS|SSL|CERT/.test(code));
}

function explain(error: unknown, settings: ConnectionSettings): SqlDeployError {
  const where = describeConnection(settings);
  if (isServerError(error)) return explainServerError(error, where, settings);
  const code = networkCode(error);
  if (code === 'ENOTFOUND') {
    return new SqlDeployError(
      'unreachable',
      `The host name ${settings.host} is not known. Nothing was changed.`,
      'Check the host in the DSN, and the name servers of this machine.',
    );
  }
  const text = error instanceof Error ? error.message : '';
  if (/certificate|self.signed|SSL|TLS|altname/i.test(`${code} ${text}`)) {
    return new SqlDeployError(
      'tls_failed',
      `No trusted TLS connection to ${where}: ${tlsReason(code, text)}. Nothing was changed.`,
      'Let Node trust the authority with NODE_EXTRA_CA_CERTS=/path/ca.pem; or choose sslmode=no-verify (encrypted, not authenticated) or sslmode=disable in the DSN.',
    );
  }
  if (code === null && !/timeout|terminated/i.test(text)) {
    return new SqlDeployError('unreachable', `${where} cannot be reached: ${text || 'unknown reason'}.`, RETRY_HINT, {
      cause: error,
    });
  }
  return new SqlDeployError(
    'unreachable',
    `${where} cannot be reached: ${NETWORK_REASONS[code ?? ''] ?? code ?? 'no answer in time'}. Nothing was changed.`,
    RETRY_HINT,
  );
}

const RETRY_HINT =
  'Check host and port in the DSN, that the server runs and listens there, and the firewall between; then run again. --connect-timeout sets how long to keep trying.';

const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (nothing listens there, or the server is down)',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  EAI_AGAIN: 'the name servers do not answer',
  ENOENT: 'there is no such Unix socket',
  EACCES: 'this user may not use the Unix socket',
};

function tlsReason(code: string | null, text: string): string {
  if (/does not support SSL/i.test(text)) return 'the server offers none';
  return code ?? 'the handshake failed';
}

function explainServerError(
  error: { code: string; message: string },
  where: string,
  settings: ConnectionSettings,
): SqlDeployError {
  // Class 28: invalid authorization specification. The server's message may name the user, never the password.
  if (error.code.startsWith('28')) {
    return new SqlDeployError(
      'authentication_failed',
      `The server refused ${where}: ${error.message} (SQLSTATE ${error.code}). Nothing was changed.`,
      'Check user and password in the DSN, and the server’s pg_hba.conf.',
    );
  }
  if (error.code === '3D000') {
    return new SqlDeployError(
      'database_missing',
      `There is no database ${settings.database} at ${settings.host}:${settings.port}. Nothing was changed.`,
      'Check the database in the DSN, or make it first: createdb, or CREATE DATABASE.',
    );
  }
  // The one right a connection itself needs.
  if (error.code === '42501') {
    return new SqlDeployError(
      'permission_missing',
      `The server refused ${where}: ${error.message}. Nothing was changed.`,
      `As owner of the database: GRANT CONNECT ON DATABASE "${settings.database}" TO "${settings.user}";`,
    );
  }
  return new SqlDeployError(
    'unreachable',
    `The server took no connection for ${where}: ${error.message} (SQLSTATE ${error.code}). Nothing was changed.`,
    RETRY_HINT,
  );
}
