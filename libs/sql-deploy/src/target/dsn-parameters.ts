import type { SqlDeployError } from '../errors.ts';
import { dsnFault } from './dsn-fault.ts';

/** What a DSN may say. */
export type DsnField = 'host' | 'port' | 'dbname' | 'user' | 'password' | 'sslmode';

/** What a DSN says, decoded and not yet judged. */
export type DsnFields = ReadonlyMap<DsnField, string>;

const FIELDS: ReadonlySet<string> = new Set<DsnField>(['host', 'port', 'dbname', 'user', 'password', 'sslmode']);

const USE_SSLMODE = 'Use sslmode: verify-full, no-verify or disable.';
const USE_CA = 'Name the file of the authority in NODE_EXTRA_CA_CERTS, which Node adds to those it trusts.';
const NO_CLIENT_KEY = 'Logging in with a client certificate is not supported; use a password.';
const PINNED = 'The tool sets this itself, so that every run is the same; take it out.';
const USE_KEEPALIVE = 'The tool keeps the connection watched by itself; take it out.';
const USE_FIELDS = 'Give the server by host, port, dbname, user and password.';

/**
 * Parameters of libpq and of common drivers that are refused, each with what to do instead.
 * Only these are ever named in an error: an unknown name may be a piece of a password.
 */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['application_name', PINNED],
  ['channel_binding', 'The driver decides this; take it out.'],
  ['client_encoding', 'Files are always sent as UTF-8; take it out.'],
  ['connect_timeout', 'Use --connect-timeout SECONDS, or connectTimeoutMs of the library.'],
  ['database', 'It is called dbname here.'],
  ['fallback_application_name', PINNED],
  ['gssencmode', 'GSSAPI is not supported; take it out.'],
  ['hostaddr', 'Put the address into host.'],
  ['keepalives', USE_KEEPALIVE],
  ['keepalives_count', USE_KEEPALIVE],
  ['keepalives_idle', USE_KEEPALIVE],
  ['keepalives_interval', USE_KEEPALIVE],
  ['krbsrvname', 'GSSAPI is not supported; take it out.'],
  ['load_balance_hosts', 'Name the primary server alone.'],
  ['lock_timeout', 'Use --lock-timeout MS.'],
  ['options', 'Set what the files need with SET LOCAL in the files themselves.'],
  ['passfile', 'Put the password into the DSN; no password file is read.'],
  ['pgbouncer', 'Connect to the server itself, or to a pooler in session mode.'],
  ['pool_timeout', PINNED],
  ['connection_limit', PINNED],
  ['replication', 'Replication connections run no SQL files; take it out.'],
  ['requirepeer', 'It is not supported; take it out.'],
  ['require_auth', 'It is not supported; use sslmode=verify-full, so that only the right server is answered.'],
  ['schema', 'Say in the files which schema is meant, or SET LOCAL search_path there.'],
  ['search_path', 'Say in the files which schema is meant, or SET LOCAL search_path there.'],
  ['currentschema', 'Say in the files which schema is meant, or SET LOCAL search_path there.'],
  ['service', USE_FIELDS],
  ['servicefile', USE_FIELDS],
  ['ssl', USE_SSLMODE],
  ['sslaccept', USE_SSLMODE],
  ['sslcert', NO_CLIENT_KEY],
  ['sslcertmode', NO_CLIENT_KEY],
  ['sslcompression', 'It is not supported; take it out.'],
  ['sslcrl', 'It is not supported; take it out.'],
  ['sslcrldir', 'It is not supported; take it out.'],
  ['sslkey', NO_CLIENT_KEY],
  ['sslnegotiation', 'The driver decides this; take it out.'],
  ['sslpassword', NO_CLIENT_KEY],
  ['sslrootcert', USE_CA],
  ['sslsni', 'The server name is always sent; take it out.'],
  ['ssl_max_protocol_version', 'The driver decides this; take it out.'],
  ['ssl_min_protocol_version', 'The driver decides this; take it out.'],
  ['statement_timeout', 'Use --statement-timeout MS.'],
  ['target_session_attrs', 'Name the primary server alone; a standby is refused anyway.'],
  ['tcp_user_timeout', USE_KEEPALIVE],
  ['timezone', PINNED],
  ['username', 'It is called user here.'],
  ['uselibpqcompat', USE_SSLMODE],
]);

/** Gathers the fields of a DSN; each may be given once. */
export class FieldCollector {
  readonly #fields = new Map<DsnField, string>();

  add(name: string, value: string): void {
    if (!isField(name)) throw refusal(name);
    if (this.#fields.has(name)) throw dsnFault(`The DSN gives ${name} twice`, 'Keep the one that is meant.');
    this.#fields.set(name, value);
  }

  get fields(): DsnFields {
    return this.#fields;
  }
}

function isField(name: string): name is DsnField {
  return FIELDS.has(name);
}

function refusal(name: string): SqlDeployError {
  const alternative = REFUSED.get(name.toLowerCase());
  if (alternative !== undefined) return dsnFault(`The DSN gives ${name.toLowerCase()}, which it may not`, alternative);
  return dsnFault(
    'The DSN gives a parameter that is not known',
    'It may give host, port, dbname, user, password and sslmode. If the text is part of a password, that password needs quoting (keyword form) or percent-encoding (URL).',
  );
}
