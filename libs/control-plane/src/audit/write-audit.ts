import type { Queryable } from '../database/control-database.ts';
import type { Actor } from './actor.ts';

/** One change. `detail` never holds a secret. */
export interface AuditEntry {
  /** `target.put`, `deployment.cancel`, … */
  readonly action: string;
  readonly subjectType:
    | 'target'
    | 'bundle'
    | 'deployment'
    | 'rollout'
    | 'freeze'
    | 'webhook'
    | 'protection'
    | 'key'
    | 'encryption_key';
  /** Its name, digest or id. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The lock that each writer of the log takes, from its row to its commit (schema/deployment/00002-audit-chain.sql). */
const AUDIT_LOCK_KEY = '4117215396847366619';

/**
 * Writes one audit row; in the transaction of the change itself, and as the last thing in it: from here to the commit
 * all other writers wait. So that no two wait for each other, rows are locked before it, and FOR NO KEY UPDATE at most:
 * after it come the checks of foreign keys, which lock FOR KEY SHARE.
 */
export async function writeAudit(transaction: Queryable, actor: Actor, entry: AuditEntry): Promise<void> {
  await transaction.query(
    `INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      actor.name,
      actor.keyId,
      actor.requestId,
      entry.action,
      entry.subjectType,
      entry.subject,
      JSON.stringify(entry.detail),
    ],
  );
}

/** Takes the log's lock early: whoever else writes to the log has committed then, or has yet to. */
export async function lockAudit(transaction: Queryable): Promise<void> {
  await transaction.query(`SELECT pg_advisory_xact_lock(${AUDIT_LOCK_KEY})`);
}
