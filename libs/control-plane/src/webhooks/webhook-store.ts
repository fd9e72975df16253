import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../database/control-database.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Labels } from '../targets/labels.ts';
import type { SealedSecret } from '../targets/secret-box.ts';
import type { Webhook, WebhookChanges } from './webhook.ts';
import { originOf, toWebhook, WEBHOOK_COLUMNS, type WebhookRow, webhookUnknown } from './webhook-row.ts';

/** Each has connections of its own in every worker, so that none waits for another: their number has to have an end. */
export const MOST_WEBHOOKS = 50;

export interface NewWebhook {
  /** Made by the caller, since the secret is bound to it. */
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  readonly labels: Labels;
  readonly secret: SealedSecret;
}

/**
 * Registers a webhook: what changes from the commit on is told to it.
 * @throws ControlPlaneError webhooks_too_many
 */
export async function createWebhook(db: ControlDatabase, wanted: NewWebhook, actor: Actor): Promise<Webhook> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<WebhookRow>(
      `INSERT INTO control_plane.webhooks (id, url, description, events, labels, secret, secret_key_id, created_by)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8
       WHERE (SELECT count(*) FROM control_plane.webhooks WHERE removed_at IS NULL) < $9
       RETURNING ${WEBHOOK_COLUMNS}`,
      [
        wanted.id,
        wanted.url,
        wanted.description,
        wanted.events,
        JSON.stringify(wanted.labels),
        wanted.secret.bytes,
        wanted.secret.keyId,
        actor.name,
        MOST_WEBHOOKS,
      ],
    );
    const row = rows[0];
    if (row === undefined) throw tooMany();
    await audit(transaction, actor, 'webhook.create', wanted.id, {
      origin: originOf(wanted.url),
      events: wanted.events,
      labels: wanted.labels,
    });
    return toWebhook(row);
  });
}

/** All webhooks, newest first. */
export async function listWebhooks({ pool }: ControlDatabase): Promise<Webhook[]> {
  const { rows } = await pool.query<WebhookRow>(
    `SELECT ${WEBHOOK_COLUMNS} FROM control_plane.webhooks WHERE removed_at IS NULL ORDER BY created_at DESC, id`,
  );
  return rows.map(toWebhook);
}

/** @throws ControlPlaneError webhook_unknown */
export async function findWebhook({ pool }: ControlDatabase, id: string): Promise<Webhook> {
  const { rows } = await pool.query<WebhookRow>(
    `SELECT ${WEBHOOK_COLUMNS} FROM control_plane.webhooks WHERE id = $1 AND removed_at IS NULL`,
    [id],
  );
  if (rows[0] === undefined) throw webhookUnknown(id);
  return toWebhook(rows[0]);
}

/**
 * Changes a webhook. What is already waiting to be sent goes to the new URL, which has not failed yet.
 * @throws ControlPlaneError webhook_unknown
 */
export async function changeWebhook(
  db: ControlDatabase,
  id: string,
  changes: WebhookChanges,
  actor: Actor,
): Promise<Webhook> {
  const { url, ...rest } = changes;
  const told = { ...rest, ...(url === undefined ? {} : { origin: originOf(url) }) };
  return update(
    db,
    id,
    `failures = CASE WHEN $2 <> url THEN 0 ELSE failures END,
     failing_since = CASE WHEN $2 <> url THEN NULL ELSE failing_since END,
     rests_until = CASE WHEN $2 <> url THEN NULL ELSE rests_until END,
     url = coalesce($2, url), events = coalesce($3::text[], events), labels = coalesce($4::jsonb, labels),
     description = CASE WHEN $5::boolean THEN $6 ELSE description END, updated_at = clock_timestamp()`,
    [
      url ?? null,
      changes.events ?? null,
      changes.labels === undefined ? null : JSON.stringify(changes.labels),
      changes.description !== undefined,
      changes.description ?? null,
    ],
    { actor, action: 'webhook.change', detail: told },
  );
}

/**
 * Gives a webhook another secret. The one before signs beside it until its time is over, so that the receiver may change
 * over in between.
 * @throws ControlPlaneError webhook_unknown
 */
export async function rotateWebhookSecret(
  db: ControlDatabase,
  id: string,
  secret: SealedSecret,
  keepPreviousMs: number,
  actor: Actor,
): Promise<Webhook> {
  return update(
    db,
    id,
    `previous_secret = CASE WHEN $4 > 0 THEN secret END, previous_secret_key_id = CASE WHEN $4 > 0 THEN secret_key_id END,
     previous_until = CASE WHEN $4 > 0 THEN clock_timestamp() + $4 * interval '1 ms' END,
     secret = $2, secret_key_id = $3, updated_at = clock_timestamp()`,
    [secret.bytes, secret.keyId, keepPreviousMs],
    { actor, action: 'webhook.rotate_secret', detail: { keepPreviousSeconds: Math.round(keepPreviousMs / 1000) } },
  );
}

/**
 * Switches a webhook on again: it starts with a clean slate. What waited goes on by its times; what happened meanwhile
 * was not recorded for it. Twice is once.
 * @throws ControlPlaneError webhook_unknown
 */
export async function enableWebhook(db: ControlDatabase, id: string, actor: Actor): Promise<Webhook> {
  return update(
    db,
    id,
    'disabled = NULL, failures = 0, failing_since = NULL, rests_until = NULL, updated_at = clock_timestamp()',
    [],
    { actor, action: 'webhook.enable', detail: {} },
    'disabled IS NOT NULL',
  );
}

/**
 * Takes a webhook away: its secrets are erased, and what was still to be sent is not sent any more.
 * @throws ControlPlaneError webhook_unknown
 */
export async function removeWebhook(db: ControlDatabase, id: string, actor: Actor): Promise<void> {
  await update(
    db,
    id,
    `removed_at = clock_timestamp(), secret = NULL, secret_key_id = NULL, previous_secret = NULL,
     previous_secret_key_id = NULL, previous_until = NULL`,
    [],
    { actor, action: 'webhook.remove', detail: {} },
  );
}

interface Told {
  readonly actor: Actor;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * @param set with the parameters from $2 on
 * @param condition where it does not hold there is nothing to change, and nothing is
 */
async function update(
  db: ControlDatabase,
  id: string,
  set: string,
  values: readonly unknown[],
  { actor, action, detail }: Told,
  condition = 'true',
): Promise<Webhook> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<WebhookRow & { applies: boolean }>(
      `SELECT ${WEBHOOK_COLUMNS}, ${condition} AS applies FROM control_plane.webhooks
       WHERE id = $1 AND removed_at IS NULL FOR NO KEY UPDATE`,
      [id],
    );
    const before = rows[0];
    if (before === undefined) throw webhookUnknown(id);
    if (!before.applies) return toWebhook(before);
    const { rows: changed } = await transaction.query<WebhookRow>(
      `UPDATE control_plane.webhooks SET ${set} WHERE id = $1 RETURNING ${WEBHOOK_COLUMNS}`,
      [id, ...values],
    );
    await audit(transaction, actor, action, id, { origin: originOf(before.url), ...detail });
    return toWebhook(changed[0] as WebhookRow);
  });
}

async function audit(
  transaction: Queryable,
  actor: Actor,
  action: string,
  id: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeAudit(transaction, actor, { action, subjectType: 'webhook', subject: id, detail });
}

function tooMany(): ControlPlaneError {
  return new ControlPlaneError(
    'webhooks_too_many',
    `There are ${MOST_WEBHOOKS} webhooks already, as many as there may be. Nothing was changed.`,
    'Remove one that is no longer needed, or let one receiver pass on to others.',
  );
}
