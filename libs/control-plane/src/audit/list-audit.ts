import type { ControlDatabase } from '../database/control-database.ts';

/** One change, as the audit log has it. */
export interface AuditRecord {
  readonly id: string;
  /** Its place in the chain: from 1, without a gap. */
  readonly seq: string;
  /** Hexadecimal: over the hash before it and its own content. */
  readonly hash: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: string;
  readonly keyId: string | null;
  readonly requestId: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface AuditRow {
  id: string;
  seq: string;
  hash: Buffer;
  at: Date;
  actor: string;
  key_id: string | null;
  request_id: string | null;
  action: string;
  subject_type: string;
  subject: string;
  detail: Record<string, unknown>;
}

/** Changes, newest first, with ids below `before`; of one subject when it is given. */
export async function listAudit(
  { pool }: ControlDatabase,
  query: {
    readonly subjectType: string | null;
    readonly subject: string | null;
    readonly before: string | null;
    readonly limit: number;
  },
): Promise<AuditRecord[]> {
  const { rows } = await pool.query<AuditRow>(
    `SELECT * FROM control_plane.audit_log
     WHERE ($1::text IS NULL OR subject_type = $1) AND ($2::text IS NULL OR subject = $2)
       AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [query.subjectType, query.subject, query.before, query.limit],
  );
  return rows.map((row) => ({
    id: row.id,
    seq: row.seq,
    hash: row.hash.toString('hex'),
    at: row.at.toISOString(),
    actor: row.actor,
    keyId: row.key_id,
    requestId: row.request_id,
    action: row.action,
    subjectType: row.subject_type,
    subject: row.subject,
    detail: row.detail,
  }));
}
