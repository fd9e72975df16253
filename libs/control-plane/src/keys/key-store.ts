import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';
import { iso } from '../deployments/deployment-row.ts';
import { type ApiKey, generateKey, hashKey, type Role, shownPrefix } from './api-key.ts';

interface KeyRow {
  id: string;
  name: string;
  prefix: string;
  role: Role;
  labels: Labels;
  expires_at: Date | null;
  created_at: Date;
  created_by: string;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = 'id, name, prefix, role, labels, expires_at, created_at, created_by, last_used_at, revoked_at';

function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    labels: row.labels,
    expiresAt: iso(row.expires_at),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    lastUsedAt: iso(row.last_used_at),
    revokedAt: iso(row.revoked_at),
  };
}

/** Whether a key is there, not revoked and not expired. */
export async function isKeyGood(db: ControlDatabase, id: string): Promise<boolean> {
  const { rows } = await db.pool.query(
    `SELECT FROM control_plane.api_keys
     WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    [id],
  );
  return rows.length > 0;
}

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly labels: Labels;
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
}

/**
 * Makes a key. Its text is in the answer and nowhere else.
 * @param removeEnded those of the same name by the same actor that are expired or revoked are taken out of the table, which
 *   would else grow with each; the audit log keeps them
 */
export async function createKey(
  db: ControlDatabase,
  wanted: NewKey,
  actor: Actor,
  { removeEnded = false }: { readonly removeEnded?: boolean } = {},
): Promise<{ apiKey: ApiKey; key: string }> {
  const key = generateKey();
  const apiKey = await inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<KeyRow>(
      `INSERT INTO control_plane.api_keys (name, prefix, hash, role, labels, expires_at, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [
        wanted.name,
        shownPrefix(key),
        hashKey(key),
        wanted.role,
        JSON.stringify(wanted.labels),
        wanted.expiresAt,
        actor.name,
      ],
    );
    const made = toApiKey(rows[0] as KeyRow);
    const removed = removeEnded ? await removeEndedKeys(transaction, wanted.name, actor.name) : 0;
    await writeAudit(transaction, actor, {
      action: 'key.create',
      subjectType: 'key',
      subject: made.id,
      detail: {
        name: made.name,
        role: made.role,
        labels: made.labels,
        expiresAt: made.expiresAt,
        ...(removed > 0 ? { removedEnded: removed } : {}),
      },
    });
    return made;
  });
  return { apiKey, key };
}

async function removeEndedKeys(transaction: Queryable, name: string, createdBy: string): Promise<number> {
  const { rowCount } = await transaction.query(
    `DELETE FROM control_plane.api_keys WHERE name = $1 AND created_by = $2
       AND (revoked_at IS NOT NULL OR expires_at <= clock_timestamp())`,
    [name, createdBy],
  );
  return rowCount ?? 0;
}

/**
 * Enters a key that was made elsewhere (BOOTSTRAP_API_KEY) as admin, if it is not there.
 * @returns whether it was new
 */
export async function enterKey(db: ControlDatabase, key: string, name: string, actor: Actor): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ id: string }>(
      `INSERT INTO control_plane.api_keys (name, prefix, hash, role, created_by) VALUES ($1, $2, $3, 'admin', $4)
       ON CONFLICT (hash) DO NOTHING RETURNING id`,
      [name, shownPrefix(key), hashKey(key), actor.name],
    );
    const made = rows[0];
    if (made === undefined) return false;
    await writeAudit(transaction, actor, {
      action: 'key.create',
      subjectType: 'key',
      subject: made.id,
      detail: { name, role: 'admin' },
    });
    return true;
  });
}

/** True when some key may still do an admin's work. */
export async function hasAdminKey({ pool }: ControlDatabase): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM control_plane.api_keys WHERE role = 'admin' AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > clock_timestamp()) LIMIT 1`,
  );
  return rowCount !== 0;
}

/** The key of that hash, whatever has become of it; null when there is none. */
export async function findKeyByHash({ pool }: ControlDatabase, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await pool.query<KeyRow>({
    name: 'find-key-by-hash',
    text: `SELECT ${COLUMNS} FROM control_plane.api_keys WHERE hash = $1`,
    values: [hash],
  });
  return rows[0] === undefined ? null : toApiKey(rows[0]);
}

/** Notes that a key was used; at most once a minute, so that reading stays reading. */
export async function noteKeyUse({ pool }: ControlDatabase, id: string): Promise<void> {
  await pool.query(
    `UPDATE control_plane.api_keys SET last_used_at = clock_timestamp()
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`,
    [id],
  );
}

/** All keys, newest first, revoked ones too. */
export async function listKeys({ pool }: ControlDatabase): Promise<ApiKey[]> {
  const { rows } = await pool.query<KeyRow>(
    `SELECT ${COLUMNS} FROM control_plane.api_keys ORDER BY created_at DESC, id`,
  );
  return rows.map(toApiKey);
}

/** Ends a key. Gives it as it is then; null when there is none of that id. Revoking twice is revoking once. */
export async function revokeKey(db: ControlDatabase, id: string, actor: Actor): Promise<ApiKey | null> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<KeyRow>(
      `UPDATE control_plane.api_keys SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL
       RETURNING ${COLUMNS}`,
      [id],
    );
    if (rows[0] !== undefined) {
      await writeAudit(transaction, actor, {
        action: 'key.revoke',
        subjectType: 'key',
        subject: id,
        detail: { name: rows[0].name },
      });
      return toApiKey(rows[0]);
    }
    const { rows: present } = await transaction.query<KeyRow>(
      `SELECT ${COLUMNS} FROM control_plane.api_keys WHERE id = $1`,
      [id],
    );
    return present[0] === undefined ? null : toApiKey(present[0]);
  });
}
