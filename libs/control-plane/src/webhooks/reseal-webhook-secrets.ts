import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import type { Keyring } from '../targets/keyring.ts';
import { openWebhookSecret, sealWebhookSecret } from './webhook-secret.ts';

/**
 * Seals every stored secret of a webhook again that is not under the current encryption key, each webhook in a
 * transaction of its own: as `rotateSecrets` does with the DSNs of targets.
 * @returns ids of those that were sealed again, and of those that did not open, which stay as they are
 */
export async function resealWebhookSecrets(
  db: ControlDatabase,
  keyring: Keyring,
  actor: Actor,
): Promise<{ rotated: string[]; failed: { id: string; reason: string }[] }> {
  const { rows } = await db.pool.query<{ id: string }>(
    `SELECT id FROM control_plane.webhooks WHERE removed_at IS NULL
       AND (secret_key_id <> $1 OR previous_secret_key_id <> $1) ORDER BY created_at, id`,
    [keyring.current.id],
  );
  const rotated: string[] = [];
  const failed: { id: string; reason: string }[] = [];
  for (const { id } of rows) {
    try {
      await resealOne(db, id, keyring, actor);
      rotated.push(id);
    } catch (error) {
      failed.push({ id, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { rotated, failed };
}

interface SecretsRow {
  secret: Buffer | null;
  secret_key_id: string | null;
  previous_secret: Buffer | null;
  previous_secret_key_id: string | null;
}

async function resealOne(db: ControlDatabase, id: string, keyring: Keyring, actor: Actor): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<SecretsRow>(
      `SELECT secret, secret_key_id, previous_secret, previous_secret_key_id FROM control_plane.webhooks
       WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    const row = rows[0];
    // Removed since it was listed.
    if (row?.secret == null || row.secret_key_id === null) return;
    const reseal = (bytes: Buffer, keyId: string) =>
      sealWebhookSecret(openWebhookSecret({ bytes, keyId }, id, keyring), id, keyring);
    const secret = reseal(row.secret, row.secret_key_id);
    const previous =
      row.previous_secret === null || row.previous_secret_key_id === null
        ? null
        : reseal(row.previous_secret, row.previous_secret_key_id);
    await transaction.query(
      `UPDATE control_plane.webhooks SET secret = $2, secret_key_id = $3, previous_secret = $4,
         previous_secret_key_id = $5 WHERE id = $1`,
      [id, secret.bytes, secret.keyId, previous?.bytes ?? null, previous?.keyId ?? null],
    );
    await writeAudit(transaction, actor, {
      action: 'webhook.reseal_secret',
      subjectType: 'webhook',
      subject: id,
      detail: { from: row.secret_key_id, to: secret.keyId },
    });
  });
}
