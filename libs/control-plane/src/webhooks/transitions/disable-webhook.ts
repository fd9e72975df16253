import type { Actor } from '../../audit/actor.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../../database/control-database.ts';
import { originOf, toWebhook, WEBHOOK_COLUMNS, type WebhookRow, webhookUnknown } from '../webhook-row.ts';
import type { Webhook } from '../webhook.ts';

/**
 * Switches a webhook off, and tells the others that ask for it: nothing more is recorded for it or sent to it until
 * somebody switches it on. What waits for it is kept. Twice is once: the first reason stays.
 * @throws ControlPlaneError webhook_unknown
 */
export async function disableWebhook(db: ControlDatabase, id: string, reason: string, actor: Actor): Promise<Webhook> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<WebhookRow>(
      `SELECT ${WEBHOOK_COLUMNS} FROM control_plane.webhooks WHERE id = $1 AND removed_at IS NULL FOR NO KEY UPDATE`,
      [id],
    );
    const before = rows[0];
    if (before === undefined) throw webhookUnknown(id);
    if (before.disabled !== null) return toWebhook(before);
    const disabled = { at: new Date().toISOString(), by: actor.name, reason };
    await transaction.query(
      'UPDATE control_plane.webhooks SET disabled = $2, updated_at = clock_timestamp() WHERE id = $1',
      [id, JSON.stringify(disabled)],
    );
    const origin = originOf(before.url);
    await transaction.query(`SELECT control_plane.tell_webhooks('webhook.disabled', '{}', $1)`, [
      JSON.stringify({ webhook: id, origin, ...disabled, href: `/v1/webhooks/${id}` }),
    ]);
    await writeAudit(transaction, actor, {
      action: 'webhook.disable',
      subjectType: 'webhook',
      subject: id,
      detail: { origin, reason },
    });
    return { ...toWebhook(before), disabled };
  });
}
