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
