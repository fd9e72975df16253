import { againAfterDeadlock } from '../../database/deadlock.ts';
import type { ControlDatabase } from '../../database/control-database.ts';
import type { DeliveryAttempt } from '../webhook.ts';
import { FAILURES_TO_REST } from './claim-deliveries.ts';

/** Which delivery is written about, by the right it was given. */
export type HeldDelivery = { readonly id: string; readonly epoch: number };

/** What a failed attempt leads to; all in ms from now. */
export interface AttemptFailed {
  /** When the message is tried again; null: no more. */
  readonly retryMs: number | null;
  /** How long nothing at all is sent to the webhook, since its receiver asked for it; 0: it did not. */
  readonly restMs: number;
  /** How long that is for once it has failed FAILURES_TO_REST times in a row: with each further one twice as long. */
  readonly firstRestMs: number;
  readonly longestRestMs: number;
  /** How long a webhook may have nothing but failures. */
  readonly patienceMs: number;
}

const MOST_ATTEMPTS_KEPT = 20;

/** The attempt at the end of those that are kept: parameter $3. */
const ATTEMPTS = `(SELECT jsonb_agg(a.attempt ORDER BY a.place) FROM (
    SELECT attempt, place FROM jsonb_array_elements(d.attempts || $3::jsonb) WITH ORDINALITY AS a (attempt, place)
    ORDER BY place DESC LIMIT ${MOST_ATTEMPTS_KEPT}) a)`;

/** Ends a delivery: the receiver has it. Of one that is another's by now nothing is written. */
export async function noteDelivered(
  { pool }: ControlDatabase,
  held: HeldDelivery,
  attempt: DeliveryAttempt,
): Promise<void> {
  await againAfterDeadlock(() =>
    pool.query({
      name: 'note-webhook-delivered',
      text: `WITH mine AS (
          UPDATE control_plane.webhook_deliveries d SET status = 'succeeded', finished_at = clock_timestamp(),
            next_attempt_at = NULL, attempts = ${ATTEMPTS}
          WHERE d.id = $1 AND d.epoch = $2 AND d.status = 'pending' RETURNING d.webhook_id
        -- Not with each of a thousand that go well: this row is shared by all of them.
        ) UPDATE control_plane.webhooks w SET failures = 0, failing_since = NULL, rests_until = NULL,
            last_success_at = clock_timestamp()
          FROM mine WHERE w.id = mine.webhook_id AND (w.failures > 0 OR w.failing_since IS NOT NULL
            OR w.last_success_at IS NULL OR w.last_success_at < clock_timestamp() - interval '10 s')`,
      values: [held.id, held.epoch, JSON.stringify([attempt])],
    }),
  );
}

/**
 * Notes a failed attempt, of the delivery and of its webhook.
 * @returns whether the webhook has had nothing but failures for longer than it may; false, too, when the delivery is
 * another's by now, and nothing was written
 */
export async function noteFailed(
  { pool }: ControlDatabase,
  held: HeldDelivery,
  attempt: DeliveryAttempt,
  failed: AttemptFailed,
): Promise<boolean> {
  const { rows } = await againAfterDeadlock(() =>
    pool.query<{ is_lasting: boolean }>({
      name: 'note-webhook-failed',
      text: `WITH mine AS (
          UPDATE control_plane.webhook_deliveries d SET attempts = ${ATTEMPTS},
            status = CASE WHEN $4::double precision IS NULL THEN 'failed' ELSE 'pending' END,
            finished_at = CASE WHEN $4 IS NULL THEN clock_timestamp() END,
            next_attempt_at = clock_timestamp() + $4 * interval '1 ms'
          WHERE d.id = $1 AND d.epoch = $2 AND d.status = 'pending' RETURNING d.webhook_id
        ) UPDATE control_plane.webhooks w SET failures = w.failures + 1,
            failing_since = coalesce(w.failing_since, clock_timestamp()), last_failure = $5,
            rests_until = clock_timestamp() + interval '1 ms' * greatest($6::double precision,
              CASE WHEN w.failures + 1 < ${FAILURES_TO_REST} THEN 0
                ELSE least($8::double precision, $7::double precision * 2 ^ least(w.failures + 1 - ${FAILURES_TO_REST}, 20)) END)
          FROM mine WHERE w.id = mine.webhook_id
          RETURNING clock_timestamp() - w.failing_since > $9 * interval '1 ms' AS is_lasting`,
      values: [
        held.id,
        held.epoch,
        JSON.stringify([attempt]),
        failed.retryMs,
        JSON.stringify({ at: attempt.at, error: attempt.error }),
        failed.restMs,
        failed.firstRestMs,
        failed.longestRestMs,
        failed.patienceMs,
      ],
    }),
  );
  return rows[0]?.is_lasting === true;
}

/** Gives a delivery back that could not be tried to its end: it is due at once, and the try does not count. */
export async function handBackDelivery({ pool }: ControlDatabase, held: HeldDelivery): Promise<void> {
  await pool.query(
    `UPDATE control_plane.webhook_deliveries SET tries = tries - 1, next_attempt_at = clock_timestamp()
     WHERE id = $1 AND epoch = $2 AND status = 'pending'`,
    [held.id, held.epoch],
  );
}
