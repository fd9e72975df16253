import { DELIVERY_STATUSES, WEBHOOK_EVENT_PATTERNS } from '@postgres-manager/control-plane';
import { z } from 'zod';
import * as schemas from '../schemas.ts';

const time = z.string().meta({ format: 'date-time' });

// What comes in.
const url = schemas
  .text(2000)
  .describe('https://. Shown to admins and kept as it is: put no secret into it, the signature tells who sends.');
const events = z
  .array(
    z.enum([...WEBHOOK_EVENT_PATTERNS] as [string], {
      error: 'Is none of the types: *, deployment.*, rollout.*, webhook.*, or such as deployment.failed.',
    }),
  )
  .min(1, 'Is not to be empty.')
  .max(100, 'There are more than 100.')
  .transform((given) => [...new Set(given)])
  .describe('Types of messages: `*`, all of a kind (`deployment.*`), or one by one (`deployment.failed`).');
const labels = schemas.labels.describe('Only what concerns targets that have all of these; empty: everything.');
const description = schemas.text(500).nullable();

export const newWebhook = z.strictObject({
  url,
  events: events.default(['*']),
  labels: labels.default({}),
  description: description.default(null),
});
export const webhookChanges = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  labels: labels.optional(),
  description: description.optional(),
});
const MOST_KEPT_SECONDS = 30 * 86_400;
export const rotation = z
  .strictObject({
    keepPreviousSeconds: z
      .int('Is to be a whole number of seconds.')
      .min(0, 'Is not to be negative.')
      .max(MOST_KEPT_SECONDS, 'Is more than 30 days.')
      .default(86_400)
      .describe('How long the secret before signs too; 0: no longer, as after it was lost.'),
  })
  .default({ keepPreviousSeconds: 86_400 });
export const disabling = z
  .strictObject({ reason: schemas.text(500).default('Switched off by hand.') })
  .default({ reason: 'Switched off by hand.' });
export const deliveryStatus = z.enum([...DELIVERY_STATUSES] as [(typeof DELIVERY_STATUSES)[number]], {
  error: `Is to be one of ${DELIVERY_STATUSES.join(', ')}.`,
});

// What goes out.
export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  disabled: z
    .object({ at: time, by: z.string(), reason: z.string() })
    .nullable()
    .describe('Why nothing is sent to it; null while it is on.'),
  failingSince: time.nullable().describe('Since when there has been no success; null when the latest try was one.'),
  restsUntil: time
    .nullable()
    .describe('Until when nothing is sent: its receiver asked for it, or has failed again and again.'),
  lastSuccessAt: time.nullable(),
  lastFailure: z.object({ at: time, error: z.string() }).nullable(),
  previousSecretUntil: time.nullable().describe('Until when the secret before this one signs too.'),
  createdAt: time,
  createdBy: z.string(),
  updatedAt: time,
});
export const webhookWithSecret = webhook.extend({
  secret: z.string().describe('`whsec_…`: in this answer and nowhere else.'),
});
export const delivery = z.object({
  id: z.string().describe('What goes out as `webhook-id`.'),
  type: z.string(),
  status: z.string().describe('pending, succeeded, or failed: given up after its last try.'),
  tries: z.int().describe('Since it was made, or last sent again by hand.'),
  nextAttemptAt: time.nullable().describe('When it is tried next; of one that is under way: when it is given up on.'),
  attempts: z
    .array(
      z.object({
        at: time,
        status: z.int().nullable().describe('What the receiver answered; null when it did not.'),
        error: z.string().nullable(),
        answer: z.string().nullable().describe('How the answer to a failed one began.'),
        durationMs: z.number(),
      }),
    )
    .describe('The latest 20, the newest last.'),
  createdAt: time,
  finishedAt: time.nullable(),
});
export const deliveryDetail = delivery.extend({
  message: z.record(z.string(), z.unknown()).describe('What is sent.'),
});
