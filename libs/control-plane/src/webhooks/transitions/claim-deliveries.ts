import { againAfterDeadlock } from '../../database/deadlock.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import type { SealedSecret } from '../../targets/secret-box.ts';

/** A delivery in a worker's hands, with all it takes to send it. */
export interface ClaimedDelivery {
  readonly id: string;
  /** What is written about it names this. */
  readonly epoch: number;
  /** With this one, since it was made or last sent again by hand. */
  readonly tries: number;
  readonly type: string;
  readonly body: string;
  readonly webhookId: string;
  readonly url: string;
  /** What it is signed with: the current one first. */
  readonly secrets: readonly SealedSecret[];
}

interface ClaimedRow {
  id: string;
  epoch: number;
  tries: number;
  type: string;
  body: string;
  webhook_id: string;
  url: string;
  secret: Buffer;
  secret_key_id: string;
  previous_secret: Buffer | null;
  previous_secret_key_id: string | null;
}

/** How many failures in a row show that it is the receiver, not the message. From then on one message at a time is tried. */
export const FAILURES_TO_REST = 3;

/** Of a row `w`: something may be sent to it now. */
const MAY_GET = `w.disabled IS NULL AND w.removed_at IS NULL
  AND (w.rests_until IS NULL OR w.rests_until <= clock_timestamp())`;

/**
 * Takes deliveries in hand that are due: of each webhook as many as there are places for it, those that are due longest
 * first. However many workers ask, each delivery is given to one, until its lease is over. A webhook whose receiver
 * fails again and again gives one, and then none before that one's lease is over or its end was noted.
 * @param held how many of each webhook are in this worker's hands already
 */
export async function claimDeliveries(
  { pool }: ControlDatabase,
  held: ReadonlyMap<string, number>,
  most: { readonly perWebhook: number; readonly leaseMs: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await againAfterDeadlock(() =>
    pool.query<ClaimedRow>({
      name: 'claim-webhook-deliveries',
      text: `WITH failing AS MATERIALIZED (
          -- Locked, so that of two workers that ask at once one gets a message: the other looks at what the first wrote.
          SELECT w.id FROM control_plane.webhooks w WHERE w.failures >= ${FAILURES_TO_REST} AND ${MAY_GET}
          FOR NO KEY UPDATE SKIP LOCKED
        ), open AS (
          SELECT w.id, $3::integer AS most FROM control_plane.webhooks w WHERE w.failures < ${FAILURES_TO_REST} AND ${MAY_GET}
          UNION ALL SELECT id, 1 FROM failing
        ), due AS MATERIALIZED (
          SELECT d.id, o.id AS webhook_id FROM open o
          LEFT JOIN unnest($1::uuid[], $2::integer[]) AS h (id, held) ON h.id = o.id
          CROSS JOIN LATERAL (SELECT d.id FROM control_plane.webhook_deliveries d
            WHERE d.webhook_id = o.id AND d.status = 'pending' AND d.next_attempt_at <= clock_timestamp()
            ORDER BY d.next_attempt_at, d.seq LIMIT greatest(0, o.most - coalesce(h.held, 0))
            FOR NO KEY UPDATE OF d SKIP LOCKED) d
        ), resting AS (
          UPDATE control_plane.webhooks w SET rests_until = clock_timestamp() + $4 * interval '1 ms'
          FROM failing f WHERE w.id = f.id AND EXISTS (SELECT FROM due WHERE due.webhook_id = f.id)
        ), taken AS (
          UPDATE control_plane.webhook_deliveries d SET epoch = d.epoch + 1, tries = d.tries + 1,
            next_attempt_at = clock_timestamp() + $4 * interval '1 ms'
          FROM due WHERE d.id = due.id
          RETURNING d.id, d.seq, d.epoch, d.tries, d.type, d.body, d.webhook_id
        ) SELECT t.id, t.epoch, t.tries, t.type, t.body, t.webhook_id, w.url, w.secret, w.secret_key_id,
            CASE WHEN w.previous_until > clock_timestamp() THEN w.previous_secret END AS previous_secret,
            w.previous_secret_key_id
          FROM taken t JOIN control_plane.webhooks w ON w.id = t.webhook_id ORDER BY t.seq`,
      values: [[...held.keys()], [...held.values()], most.perWebhook, most.leaseMs],
    }),
  );
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  const secrets = [{ bytes: row.secret, keyId: row.secret_key_id }];
  if (row.previous_secret !== null && row.previous_secret_key_id !== null) {
    secrets.push({ bytes: row.previous_secret, keyId: row.previous_secret_key_id });
  }
  const { id, epoch, tries, type, body, url } = row;
  return { id, epoch, tries, type, body, url, webhookId: row.webhook_id, secrets };
}
