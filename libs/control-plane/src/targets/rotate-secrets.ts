import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import type { Keyring } from './keyring.ts';
import { openSecret, sealSecret } from './secret-box.ts';

/**
 * Seals every stored DSN again that is not under the current key, each in a transaction of its own: it may be broken
 * off and run again, beside running services that have both keys.
 * @returns names of those that were sealed again, and of those that did not open, which stay as they are
 */
export async function rotateSecrets(
  db: ControlDatabase,
  keyring: Keyring,
  actor: Actor,
): Promise<{ rotated: string[]; failed: { name: string; reason: string }[] }> {
  const { rows } = await db.pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM control_plane.targets WHERE secret_key_id <> $1 AND removed_at IS NULL ORDER BY name`,
    [keyring.current.id],
  );
  const rotated: string[] = [];
  const failed: { name: string; reason: string }[] = [];
  for (const { id, name } of rows) {
    try {
      await rotateOne(db, id, name, keyring, actor);
      rotated.push(name);
    } catch (error) {
      failed.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { rotated, failed };
}

async function rotateOne(db: ControlDatabase, id: string, name: string, keyring: Keyring, actor: Actor): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ secret: Buffer | null; secret_key_id: string | null }>(
      `SELECT secret, secret_key_id FROM control_plane.targets WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    const row = rows[0];
    // Changed or removed since it was listed.
    if (row?.secret == null || row.secret_key_id === null || row.secret_key_id === keyring.current.id) return;
    const sealed = sealSecret(
      openSecret({ bytes: row.secret, keyId: row.secret_key_id }, name, keyring),
      name,
      keyring,
    );
    await transaction.query(`UPDATE control_plane.targets SET secret = $2, secret_key_id = $3 WHERE id = $1`, [
      id,
      sealed.bytes,
      sealed.keyId,
    ]);
    await writeAudit(transaction, actor, {
      action: 'target.rotate_secret',
      subjectType: 'target',
      subject: name,
      detail: { from: row.secret_key_id, to: sealed.keyId },
    });
  });
}
