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
  try {
    return await putOnce(db, input, allowedLabels, actor);
  } catch (error) {
    if (!(error instanceof RegisteredMeanwhile)) throw error;
    return await putOnce(db, input, allowedLabels, actor);
  }
}

class RegisteredMeanwhile extends Error {}

async function putOnce(
  db: ControlDatabase,
  input: TargetInput,
  allowedLabels: Labels,
  actor: Actor,
): Promise<PutOutcome> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ labels: Labels }>(
      `SELECT labels FROM control_plane.targets WHERE name = $1 AND removed_at IS NULL FOR NO KEY UPDATE`,
      [input.name],
    );
    const before = rows[0];
    if (before !== undefined && !hasLabels(before.labels, allowedLabels)) return 'forbidden';
    if (!hasLabels(input.labels ?? before?.labels ?? {}, allowedLabels)) return 'forbidden';
    if (before === undefined && input.dsn === undefined) return 'dsn_missing';
    if (before === undefined) {
      // Two that register the same new name at once meet at the index: the second waits, and changes what the first made.
      const { rowCount } = await transaction.query(INSERT, valuesOf(input).slice(0, 14));
      if (rowCount === 0) throw new RegisteredMeanwhile();
    } else {
      await transaction.query(UPDATE, valuesOf(input));
    }
    await writeAudit(transaction, actor, {
      action: 'target.put',
      subjectType: 'target',
      subject: input.name,
      detail: { ...changesOf(input), created: before === undefined },
    });
    return before === undefined ? 'created' : 'changed';
  });
}

const INSERT = `INSERT INTO control_plane.targets (name, labels, secret, secret_key_id, dsn_env, host, port, database_name,
    user_name, tls, accept_pooler, lock_timeout_ms, statement_timeout_ms, accept_identity)
  SELECT $1, coalesce($2::jsonb, '{}'), $3::bytea, $4, $5, $6, $7::integer, $8, $9, $10, coalesce($11::boolean, false), $12::integer, $13::integer,
    coalesce($14::boolean, false)
  ON CONFLICT (name) WHERE removed_at IS NULL DO NOTHING`;

const UPDATE = `UPDATE control_plane.targets t SET labels = coalesce($2::jsonb, t.labels),
    secret = CASE WHEN $15::boolean THEN $3 ELSE t.secret END,
    secret_key_id = CASE WHEN $15::boolean THEN $4 ELSE t.secret_key_id END,
    dsn_env = CASE WHEN $15::boolean THEN $5 ELSE t.dsn_env END,
    host = CASE WHEN $15::boolean THEN $6 ELSE t.host END,
    port = CASE WHEN $15::boolean THEN $7 ELSE t.port END,
    database_name = CASE WHEN $15::boolean THEN $8 ELSE t.database_name END,
    user_name = CASE WHEN $15::boolean THEN $9 ELSE t.user_name END,
    tls = CASE WHEN $15::boolean THEN $10 ELSE t.tls END,
    accept_pooler = coalesce($11::boolean, t.accept_pooler),
    lock_timeout_ms = CASE WHEN $16::boolean THEN $12 ELSE t.lock_timeout_ms END,
    statement_timeout_ms = CASE WHEN $17::boolean THEN $13 ELSE t.statement_timeout_ms END,
    accept_identity = coalesce($14::boolean, t.accept_identity),
    updated_at = clock_timestamp()
  WHERE t.name = $1 AND t.removed_at IS NULL`;

/** The parameters of both statements; the last three, for UPDATE alone, tell what was given at all. */
function valuesOf(input: TargetInput): unknown[] {
  const { dsn } = input;
  const shown = dsn?.kind === 'sealed' ? dsn.shown : null;
  return [
    input.name,
    input.labels === undefined ? null : JSON.stringify(input.labels),
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
    input.acceptIdentity ?? null,
    dsn !== undefined,
    input.lockTimeoutMs !== undefined,
    input.statementTimeoutMs !== undefined,
  ];
}

/** What the audit log may know of a change: where the DSN leads, never the DSN. */
function changesOf(input: TargetInput): Record<string, unknown> {
  const { name: _, dsn, ...rest } = input;
  if (dsn === undefined) return rest;
  if (dsn.kind === 'environment') return { ...rest, dsnEnv: dsn.variable };
  const { host, port, database, user, tls } = dsn.shown;
  return { ...rest, dsn: { host, port, database, user, tls, keyId: dsn.secret.keyId } };
}
