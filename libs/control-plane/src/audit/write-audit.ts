import type { Queryable } from '../database/control-database.ts';
import type { Actor } from './actor.ts';

/** One change. `detail` never holds a secret. */
export interface AuditEntry {
  /** `target.put`, `deployment.cancel`, … */
  readonly action: string;
  readonly subjectType: 'target' | 'bundle' | 'deployment' | 'rollout' | 'freeze' | 'key' | 'encryption_key';
  /** Its name, digest or id. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes one audit row; in the transaction of the change itself. */
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
