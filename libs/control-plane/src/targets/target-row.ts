import type { Labels } from './labels.ts';

/** A row of control_plane.targets as TARGET_COLUMNS selects it; times and bytes as JSON gives them. */
export interface TargetRow {
  id: string;
  name: string;
  labels: Labels;
  /** Hexadecimal. */
  secret: string | null;
  secret_key_id: string | null;
  dsn_env: string | null;
  host: string | null;
  port: number | null;
  database_name: string | null;
  user_name: string | null;
  tls: string | null;
  accept_pooler: boolean;
  lock_timeout_ms: number | null;
  statement_timeout_ms: number | null;
  system_identifier: string | null;
  identity_database: string | null;
  accept_identity: boolean;
}

/** What a worker needs of a target, the secret still sealed. From a row `t`. */
export const TARGET_COLUMNS = `t.id, t.name, t.labels, encode(t.secret, 'hex') AS secret, t.secret_key_id, t.dsn_env,
  t.host, t.port, t.database_name, t.user_name, t.tls, t.accept_pooler, t.lock_timeout_ms, t.statement_timeout_ms,
  t.system_identifier, t.identity_database, t.accept_identity`;

/** Where the DSN is to be had. */
export type DsnSource =
  | { readonly kind: 'sealed'; readonly secret: Buffer; readonly keyId: string }
  | { readonly kind: 'environment'; readonly variable: string };

/** How a worker is to reach and treat a target. */
export interface TargetConnection {
  readonly id: string;
  readonly name: string;
  readonly source: DsnSource;
  /** Where it leads, without a secret: what an approval is bound to. */
  readonly address: string;
  readonly acceptPooler: boolean;
  /** Null: the library's default. */
  readonly lockTimeoutMs: number | null;
  readonly statementTimeoutMs: number | null;
  /** Which database it was when it was last worked on; null before that. */
  readonly identity: { readonly systemIdentifier: string | null; readonly database: string } | null;
  /** An admin has said that it may be another now. */
  readonly acceptIdentity: boolean;
}

export function toTargetConnection(row: TargetRow): TargetConnection {
  return {
    id: row.id,
    name: row.name,
    source:
      row.secret === null
        ? { kind: 'environment', variable: row.dsn_env ?? '' }
        : { kind: 'sealed', secret: Buffer.from(row.secret, 'hex'), keyId: row.secret_key_id ?? '' },
    address: addressOf(row),
    acceptPooler: row.accept_pooler,
    lockTimeoutMs: row.lock_timeout_ms,
    statementTimeoutMs: row.statement_timeout_ms,
    identity:
      row.identity_database === null
        ? null
        : { systemIdentifier: row.system_identifier, database: row.identity_database },
    acceptIdentity: row.accept_identity,
  };
}

/** The columns of a target `t` that `addressOf` needs. */
export const ADDRESS_COLUMNS = 't.dsn_env, t.host, t.port, t.database_name, t.user_name';

/** Where a target's DSN leads, without a secret. What a variable of the workers holds is not known here. */
export function addressOf(row: Pick<TargetRow, 'dsn_env' | 'host' | 'port' | 'database_name' | 'user_name'>): string {
  if (row.dsn_env !== null) return `variable ${row.dsn_env}`;
  return `${row.host ?? '?'}:${row.port ?? '?'}/${row.database_name ?? '?'} as ${row.user_name ?? '?'}`;
}
