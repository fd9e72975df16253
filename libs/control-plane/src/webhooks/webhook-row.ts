import { iso } from '../deployments/deployment-row.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from '../targets/labels.ts';
import type { DeliveryAttempt, DeliveryStatus, Disabled, Webhook, WebhookDelivery } from './webhook.ts';

/** A row of control_plane.webhooks as WEBHOOK_COLUMNS selects it: without its secrets. */
export interface WebhookRow {
  id: string;
  url: string;
  description: string | null;
  events: string[];
  labels: Labels;
  disabled: Disabled | null;
  failing_since: Date | null;
  rests_until: Date | null;
  last_success_at: Date | null;
  last_failure: Webhook['lastFailure'];
  previous_until: Date | null;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}

export const WEBHOOK_COLUMNS = `id, url, description, events, labels, disabled, failing_since,
  CASE WHEN rests_until > clock_timestamp() THEN rests_until END AS rests_until, last_success_at, last_failure,
  CASE WHEN previous_until > clock_timestamp() THEN previous_until END AS previous_until, created_at, created_by, updated_at`;

export function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events,
    labels: row.labels,
    disabled: row.disabled,
    failingSince: iso(row.failing_since),
    restsUntil: iso(row.rests_until),
    lastSuccessAt: iso(row.last_success_at),
    lastFailure: row.last_failure,
    previousSecretUntil: iso(row.previous_until),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}

/** A row of control_plane.webhook_deliveries as DELIVERY_COLUMNS selects it. */
export interface DeliveryRow {
  id: string;
  seq: string;
  type: string;
  status: DeliveryStatus;
  tries: number;
  next_attempt_at: Date | null;
  attempts: DeliveryAttempt[];
  created_at: Date;
  finished_at: Date | null;
}

export const DELIVERY_COLUMNS =
  'd.id, d.seq, d.type, d.status, d.tries, d.next_attempt_at, d.attempts, d.created_at, d.finished_at';

export function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    tries: row.tries,
    nextAttemptAt: iso(row.next_attempt_at),
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    finishedAt: iso(row.finished_at),
  };
}

/** What the audit log and other receivers may know of a URL: a path may hold a token. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

export function webhookUnknown(id: string): ControlPlaneError {
  return new ControlPlaneError(
    'webhook_unknown',
    `There is no webhook ${id}. Nothing was changed.`,
    'GET /v1/webhooks lists them.',
  );
}
