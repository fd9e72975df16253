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

/**
 * Reads a DSN: a `postgres://` URL, or the keyword form `host=… dbname=…`.
 * @throws SqlDeployError dsn_invalid, whose message never holds any part of the text but field names
 */
export function parseDsn(text: string): ConnectionSettings {
  throw new Error(`not yet: ${text.length}`);
}

/** `user@host:port/database`, for people: no secret in it. */
export function describeConnection(settings: ConnectionSettings): string {
  return `${settings.user}@${settings.host}:${settings.port}/${settings.database}`;
}
