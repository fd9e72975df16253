import type { Labels } from '../targets/labels.ts';

/** Who is told of changes, and of which. Times are ISO 8601, UTC. Its secret is in no answer but that to its creation. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** `*`, `deployment.*`, `deployment.failed`. */
  readonly events: readonly string[];
  /** Only what concerns targets that have all of these; empty: everything. */
  readonly labels: Labels;
  /** Null while it is on. */
  readonly disabled: Disabled | null;
  /** Since when there has been no success; null when the latest try was one. */
  readonly failingSince: string | null;
  /** Until when nothing is sent, since its receiver asked for it or has failed again and again; null: it is not so. */
  readonly restsUntil: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastFailure: { readonly at: string; readonly error: string } | null;
  /** Until when the secret before this one signs too; null when there is none. */
  readonly previousSecretUntil: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}

export interface Disabled {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** What can be said of a webhook. What is undefined stays as it is. */
export interface WebhookChanges {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly events?: readonly string[] | undefined;
  readonly labels?: Labels | undefined;
}

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed';

export const DELIVERY_STATUSES: readonly DeliveryStatus[] = ['pending', 'succeeded', 'failed'];

/** One message to one webhook. */
export interface WebhookDelivery {
  /** What goes out as `webhook-id`. */
  readonly id: string;
  readonly type: string;
  readonly status: DeliveryStatus;
  /** Since it was made, or last sent again by hand. */
  readonly tries: number;
  /** Null when it has ended. */
  readonly nextAttemptAt: string | null;
  /** The latest ones, the newest last. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** A delivery with the message itself. */
export interface WebhookDeliveryDetail extends WebhookDelivery {
  readonly message: Readonly<Record<string, unknown>>;
}

/** One try to deliver a message. */
export interface DeliveryAttempt {
  readonly at: string;
  /** What the receiver answered; null when it did not. */
  readonly status: number | null;
  /** Why it counts as failed; null for a success. */
  readonly error: string | null;
  /** How the answer to a failed one began. */
  readonly answer: string | null;
  readonly durationMs: number;
}
