import { type ConnectionSettings } from '@postgres-manager/sql-deploy';
import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import { hasLabels, type Labels } from './labels.ts';
import type { SealedSecret } from './secret-box.ts';

/** A target to be registered or changed. What is undefined stays as it is. */
export interface TargetInput {
  readonly name: string;
  readonly labels?: Labels | undefined;
  /** Where its DSN is; needed for a new one. */
  readonly dsn?:
    | { readonly kind: 'sealed'; readonly secret: SealedSecret; readonly shown: Omit<ConnectionSettings, 'password'> }
    | { readonly kind: 'environment'; readonly variable: string }
    | undefined;
  readonly acceptPooler?: boolean | undefined;
  readonly lockTimeoutMs?: number | null | undefined;
  readonly statementTimeoutMs?: number | null | undefined;
  /** The next deployment may find another database there than the last one did. */
  readonly acceptIdentity?: boolean | undefined;
}

export type PutOutcome = 'created' | 'changed' | 'dsn_missing' | 'forbidden';

/**
 * Registers or changes a target, with its audit row.
 * @param allowedLabels labels that the target must have, before and after, for this caller to be allowed to
 */
export async function putTarget(
  db: ControlDatabase,
  input: TargetInput,
  allowedLabels: Labels,
  actor: Actor,
): Promise<PutOutcome> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ labels: Labels }>(
      `SELECT labels FROM control_plane.targets WHERE name = $1 AND removed_at IS NULL FOR UPDATE`,
      [input.name],
    );
    const before = rows[0];
    if (before !== undefined && !hasLabels(before.labels, allowedLabels)) return 'forbidden';
    if (!hasLabels(input.labels ?? before?.labels ?? {}, allowedLabels)) return 'forbidden';
    if (before === undefined && input.dsn === undefined) return 'dsn_missing';
    const { dsn } = input;
    const shown = dsn?.kind === 'sealed' ? dsn.shown : null;
    // Two that register the same new name at once meet at the index, and the second changes what the first made.
    await transaction.query(
      `INSERT INTO control_plane.targets AS t (name, labels, secret, secret_key_id, dsn_env, host, port, database_name,
         user_name, tls, accept_pooler, lock_timeout_ms, statement_timeout_ms, accept_identity)
       VALUES ($1, coalesce($2::jsonb, '{}'), $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::boolean, false), $13, $14, coalesce($17::boolean, false))
       ON CONFLICT (name) WHERE removed_at IS NULL DO UPDATE SET
         labels = coalesce($2::jsonb, t.labels),
         secret = CASE WHEN $3::boolean THEN excluded.secret ELSE t.secret END,
         secret_key_id = CASE WHEN $3::boolean THEN excluded.secret_key_id ELSE t.secret_key_id END,
         dsn_env = CASE WHEN $3::boolean THEN excluded.dsn_env ELSE t.dsn_env END,
         host = CASE WHEN $3::boolean THEN excluded.host ELSE t.host END,
         port = CASE WHEN $3::boolean THEN excluded.port ELSE t.port END,
         database_name = CASE WHEN $3::boolean THEN excluded.database_name ELSE t.database_name END,
         user_name = CASE WHEN $3::boolean THEN excluded.user_name ELSE t.user_name END,
         tls = CASE WHEN $3::boolean THEN excluded.tls ELSE t.tls END,
         accept_pooler = coalesce($12, t.accept_pooler),
         lock_timeout_ms = CASE WHEN $15::boolean THEN excluded.lock_timeout_ms ELSE t.lock_timeout_ms END,
         statement_timeout_ms = CASE WHEN $16::boolean THEN excluded.statement_timeout_ms ELSE t.statement_timeout_ms END,
         accept_identity = coalesce($17, t.accept_identity),
         updated_at = clock_timestamp()`,
      [
        input.name,
        input.labels === undefined ? null : JSON.stringify(input.labels),
        dsn !== undefined,
        dsn?.kind === 'sealed' ? dsn.secret.bytes : null,
        dsn?.kind === 'sealed' ? dsn.secret.keyId : null,
        dsn?.kind === 'environment' ? dsn.variable : null,
        shown?.host ?? null,
        shown?.port ?? null,
        shown?.database ?? null,
        shown?.user ?? null,
        shown?.tls ?? null,
        input.acceptPooler ?? null,
        input.lockTimeoutMs ?? null,
        input.statementTimeoutMs ?? null,
        input.lockTimeoutMs !== undefined,
        input.statementTimeoutMs !== undefined,
        input.acceptIdentity ?? null,
      ],
    );
    await writeAudit(transaction, actor, {
      action: 'target.put',
      subjectType: 'target',
      subject: input.name,
      detail: { ...changesOf(input), created: before === undefined },
    });
    return before === undefined ? 'created' : 'changed';
  });
}

/** What the audit log may know of a change: where the DSN leads, never the DSN. */
function changesOf(input: TargetInput): Record<string, unknown> {
  const { name: _, dsn, ...rest } = input;
  if (dsn === undefined) return rest;
  if (dsn.kind === 'environment') return { ...rest, dsnEnv: dsn.variable };
  const { host, port, database, user, tls } = dsn.shown;
  return { ...rest, dsn: { host, port, database, user, tls, keyId: dsn.secret.keyId } };
}
