import type { InternalAllowance, Keyring, LogLevel } from '@postgres-manager/control-plane';
import type { SignInCodes } from './sign-in/sign-in-codes.ts';

/** What the API needs to know. `readConfig` makes it of the environment. */
export interface ApiConfig {
  /** The control database's DSN. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Seals the targets' DSNs. */
  readonly keyring: Keyring;
  /** Entered as an admin's key at start; null: one is made when there is none. */
  readonly bootstrapKey: string | null;
  /** Whose create/, deployment/ and manual-deployment/ a deployment without a bundle takes. */
  readonly sqlRoot: string;
  readonly logLevel: LogLevel;
  /** Requests that a key may make in a minute; 0: any number. */
  readonly rateLimitPerMinute: number;
  /** The largest body of a bundle, uncompressed. */
  readonly bundleLimitBytes: number;
  /** Asked for by /metrics as a bearer token; null: open. */
  readonly metricsToken: string | null;
  /** Where traces go (OTLP over HTTP), without `/v1/traces`; null: nowhere. */
  readonly otlpEndpoint: string | null;
  /** Internal addresses that webhooks may be registered for. Left out: none. */
  readonly webhooksMayReach?: InternalAllowance;
  /** Connections to the control database, at most. */
  readonly maxConnections: number;
  /** Codes that a browser on this machine may sign in with; without them none is taken. */
  readonly signInCodes?: SignInCodes;
  /** Where the dashboard's files are; by default where the build puts them. */
  readonly pageFolder?: string;
  /** Ends the waiting for a control database that is away at start: `startApi` rejects then. */
  readonly giveUp?: AbortSignal;
  /** Where log lines go; by default standard output. */
  readonly logTo?: { write(line: string): void };
  /** Told of the admin key that was made because there was none: the only time that it is shown. */
  readonly onFirstKey?: (key: string) => void;
}
