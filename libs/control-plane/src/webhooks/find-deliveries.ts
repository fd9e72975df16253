import type { ControlDatabase } from '../database/control-database.ts';
import { ControlPlaneError } from '../errors.ts';
import type { DeliveryStatus, WebhookDelivery, WebhookDeliveryDetail } from './webhook.ts';
import { DELIVERY_COLUMNS, type DeliveryRow, toDelivery } from './webhook-row.ts';

/** A page of deliveries, and where the next one begins; null: this is the last. */
export interface DeliveryPage {
  readonly items: WebhookDelivery[];
  readonly next: string | null;
}

/** Deliveries of a webhook, newest first, those behind `before`. */
export async function listDeliveries(
  { pool }: ControlDatabase,
  webhookId: string,
  query: { readonly status: DeliveryStatus | null; readonly before: string | null; readonly limit: number },
): Promise<DeliveryPage> {
  const { rows } = await pool.query<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS} FROM control_plane.webhook_deliveries d
     WHERE d.webhook_id = $1 ${query.status === null ? 'AND $2::text IS NULL' : 'AND d.status = $2'}
       AND ($3::bigint IS NULL OR d.seq < $3) ORDER BY d.seq DESC LIMIT $4`,
    [webhookId, query.status, query.before, query.limit + 1],
  );
  const shown = rows.slice(0, query.limit);
  return { items: shown.map(toDelivery), next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null };
}

/** @throws ControlPlaneError webhook_delivery_unknown */
export async function findDelivery(
  { pool }: ControlDatabase,
  webhookId: string,
  id: string,
): Promise<WebhookDeliveryDetail> {
  const { rows } = await pool.query<DeliveryRow & { body: string }>(
    `SELECT ${DELIVERY_COLUMNS}, d.body FROM control_plane.webhook_deliveries d
     JOIN control_plane.webhooks w ON w.id = d.webhook_id AND w.removed_at IS NULL
     WHERE d.webhook_id = $1 AND d.id = $2`,
    [webhookId, id],
  );
  const row = rows[0];
  if (row === undefined) throw deliveryUnknown(id);
  return { ...toDelivery(row), message: JSON.parse(row.body) as Record<string, unknown> };
}

export function deliveryUnknown(id: string): ControlPlaneError {
  return new ControlPlaneError(
    'webhook_delivery_unknown',
    `The webhook has no delivery ${id}: there never was one, or it ended more than 30 days ago. Nothing was changed.`,
    'GET /v1/webhooks/{id}/deliveries lists them.',
  );
}
