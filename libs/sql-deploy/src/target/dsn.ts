import { isIP } from 'node:net';
import { defaultTls } from './default-tls.ts';
import { dsnFault, severalHosts } from './dsn-fault.ts';
import { readKeywordDsn } from './dsn-keywords.ts';
import type { DsnField, DsnFields } from './dsn-parameters.ts';
import { readUrlDsn } from './dsn-url.ts';

/** How to reach a target. Only these fields ever reach the driver. */
export interface ConnectionSettings {
  /** A host name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly tls: 'disable' | 'no-verify' | 'verify-full';
}

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 5432;

/**
 * Reads a DSN: a `postgres://` or `postgresql://` URL, or the keyword form `host=… dbname=…`
 * (PostgreSQL manual, 34.1.1 Connection Strings). Only host, port, dbname, user, password and sslmode may be given;
 * whatever else libpq or a driver would understand is refused by name, because it reaches further than it looks.
 *
 * Defaults: host localhost, port 5432, the database of the user's name; a user has to be given, since no environment
 * is read. Without `sslmode` a server that a public certificate authority could vouch for (a full domain name, a
 * public address) is reached with `verify-full`, so that a password never goes out over an open network by
 * oversight; sockets, loopback, private addresses and private names are reached with `disable`. See `defaultTls`.
 *
 * @throws SqlDeployError dsn_invalid, whose message never holds any part of the text but field names
 */
export function parseDsn(text: string): ConnectionSettings {
  const trimmed = text.trim();
  const fields = readFields(trimmed);
  const user = requireUser(plainText(fields, 'user'));
  const host = hostOf(fields);
  return {
    host,
    port: portOf(fields),
    database: plainText(fields, 'dbname') ?? user,
    user,
    password: passwordOf(fields),
    tls: tlsOf(fields) ?? defaultTls(host),
  };
}

/** `user@host:port/database`, for people: no secret in it. */
export function describeConnection(settings: ConnectionSettings): string {
  return `${settings.user}@${settings.host}:${settings.port}/${settings.database}`;
}

function readFields(text: string): DsnFields {
  if (text === '') throw dsnFault('The DSN is empty', 'Give one such as postgres://USER:PASSWORD@HOST:5432/DATABASE.');
  if (/^postgres(ql)?:\/\//i.test(text)) return readUrlDsn(text);
  if (/^["'`]/.test(text)) {
    throw dsnFault('The DSN begins with a quotation mark', 'Take the quotation marks around it away.');
  }
  if (/^[a-z][a-z0-9+.:-]*:\/\//i.test(text)) {
    throw dsnFault(
      'The DSN is a URL of another kind',
      'It has to begin with postgres:// or postgresql:// and nothing before that, not even jdbc:.',
    );
  }
  if (text.includes('=')) return readKeywordDsn(text);
  throw dsnFault(
    'The DSN is neither a URL nor in keyword form',
    "Write postgres://USER:PASSWORD@HOST:5432/DATABASE or host=HOST port=5432 dbname=DATABASE user=USER password='PASSWORD'.",
  );
}

function requireUser(user: string | null): string {
  if (user !== null) return user;
  throw dsnFault(
    'The DSN names no user',
    'Give one: postgres://USER@… or user=USER. No environment variable is read for it.',
  );
}

/** An empty value counts as none, as for libpq. */
function plainText(fields: DsnFields, field: DsnField): string | null {
  const value = fields.get(field);
  if (value === undefined || value === '') return null;
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw dsnFault(
      `The ${field} of the DSN holds a control character`,
      'Take it out; a line break often comes along with copying.',
    );
  }
  return value;
}

function passwordOf(fields: DsnFields): string | null {
  const value = fields.get('password');
  if (value?.includes('\0'))
    throw dsnFault('The password of the DSN holds a NUL', 'PostgreSQL takes none; take it out.');
  return value === undefined || value === '' ? null : value;
}

function hostOf(fields: DsnFields): string {
  const host = plainText(fields, 'host') ?? DEFAULT_HOST;
  if (host.includes(',')) throw severalHosts();
  if (host.startsWith('/')) return host;
  // Letters of any script, for international names.
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(host) && isIP(host) === 0) {
    throw dsnFault(
      'The host of the DSN holds a character that no host name has',
      'Give a name, an address, or the directory of a Unix socket beginning with /.',
    );
  }
  return host;
}

function portOf(fields: DsnFields): number {
  const text = plainText(fields, 'port');
  if (text === null) return DEFAULT_PORT;
  if (text.includes(',')) throw severalHosts();
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw dsnFault('The port of the DSN is not a number from 1 to 65535', 'Give the port of the server, mostly 5432.');
}

function tlsOf(fields: DsnFields): ConnectionSettings['tls'] | null {
  const mode = plainText(fields, 'sslmode');
  if (mode === null || mode === 'disable' || mode === 'no-verify' || mode === 'verify-full') return mode;
  const known = ['allow', 'prefer', 'require', 'verify-ca'].includes(mode);
  throw dsnFault(
    known ? `sslmode ${mode} means different things to different drivers` : 'The sslmode of the DSN is not a known one',
    'Say what is meant: verify-full (TLS, the certificate checked), no-verify (TLS, unchecked) or disable (no TLS).',
  );
}
