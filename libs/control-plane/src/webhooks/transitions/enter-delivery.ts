import type { Actor } from '../../audit/actor.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../../database/control-database.ts';
import { ControlPlaneError } from '../../errors.ts';
import { deliveryUnknown } from '../find-deliveries.ts';
import type { WebhookDelivery } from '../webhook.ts';
import { DELIVERY_COLUMNS, type DeliveryRow, originOf, toDelivery, webhookUnknown } from '../webhook-row.ts';

// What a person has sent. All else is entered by triggers (schema/deployment/00005-webhooks.sql).

/**
 * Has a message of the type `webhook.test` sent, whatever the webhook asked for.
 * @throws ControlPlaneError webhook_unknown, webhook_disabled
 */
export async function enterTestDelivery(
  db: ControlDatabase,
  webhookId: string,
  actor: Actor,
): Promise<WebhookDelivery> {
  return inTransaction(db, async (transaction) => {
    const origin = await requireEnabled(transaction, webhookId);
    const { rows } = await transaction.query<DeliveryRow>(
      `INSERT INTO control_plane.webhook_deliveries AS d (webhook_id, type, body)
       VALUES ($1::uuid, 'webhook.test', json_build_object('type', 'webhook.test',
         'timestamp', control_plane.webhook_time(clock_timestamp()),
         'data', json_build_object('webhook', $1::uuid, 'by', $2::text))::text)
       RETURNING ${DELIVERY_COLUMNS}`,
      [webhookId, actor.name],
    );
    const delivery = toDelivery(rows[0] as DeliveryRow);
    await writeAudit(transaction, actor, {
      action: 'webhook.test',
      subjectType: 'webhook',
      subject: webhookId,
      detail: { origin, delivery: delivery.id },
    });
    return delivery;
  });
}

/**
 * Has a message sent once more, at once: the same id and the same bytes. One that has ended begins anew with all its
 * tries; one that waits for its next try does not wait any longer.
 * @throws ControlPlaneError webhook_unknown, webhook_disabled, webhook_delivery_unknown
 */
export async function resendDelivery(
  db: ControlDatabase,
  webhookId: string,
  id: string,
  actor: Actor,
): Promise<WebhookDelivery> {
  return inTransaction(db, async (transaction) => {
    const origin = await requireEnabled(transaction, webhookId);
    const { rows } = await transaction.query<DeliveryRow>(
      `UPDATE control_plane.webhook_deliveries d SET status = 'pending', finished_at = NULL, tries = 0,
         next_attempt_at = clock_timestamp(), epoch = epoch + 1
       WHERE d.webhook_id = $1 AND d.id = $2 RETURNING ${DELIVERY_COLUMNS}`,
      [webhookId, id],
    );
    if (rows[0] === undefined) throw deliveryUnknown(id);
    // It is tried at once, though the webhook rests: somebody has looked at it.
    await transaction.query(
      'UPDATE control_plane.webhooks SET rests_until = NULL WHERE id = $1 AND rests_until IS NOT NULL',
      [webhookId],
    );
    const delivery = toDelivery(rows[0]);
    await writeAudit(transaction, actor, {
      action: 'webhook.resend',
      subjectType: 'webhook',
      subject: webhookId,
      detail: { origin, delivery: id, type: delivery.type },
    });
    return delivery;
  });
}

/** @returns where it leads */
async function requireEnabled(transaction: Queryable, id: string): Promise<string> {
  const { rows } = await transaction.query<{ url: string; disabled: { reason: string } | null }>(
    'SELECT url, disabled FROM control_plane.webhooks WHERE id = $1 AND removed_at IS NULL FOR NO KEY UPDATE',
    [id],
  );
  const row = rows[0];
  if (row === undefined) throw webhookUnknown(id);
  if (row.disabled !== null) {
    throw new ControlPlaneError(
      'webhook_disabled',
      `The webhook ${id} is switched off: ${row.disabled.reason} Nothing was changed.`,
      `See to its receiver, then switch it on: POST /v1/webhooks/${id}/enable (\`postgres-manager webhooks enable ${id}\`).`,
    );
  }
  return originOf(row.url);
}
