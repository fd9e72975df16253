import type { Reply } from './post-message.ts';
import type { WebhookTiming } from './webhook-timing.ts';
import { jittered } from '../waits.ts';

/** What is to become of a message after a try; pure. */
export type ReplyVerdict =
  | { readonly kind: 'delivered' }
  /**
   * Tried again after `retryMs`, or given up when that is null; nothing is sent to the webhook for `restMs`. `isGone`:
   * the receiver wants no more, ever.
   */
  | { readonly kind: 'failed'; readonly retryMs: number | null; readonly restMs: number; readonly isGone: boolean };

/** A receiver may ask for peace with `Retry-After`, but not for longer than this. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** These say: not now (RFC 9110, 15.6.4; RFC 6585, 4). */
const NOT_NOW: readonly (number | null)[] = [429, 503];

/** @param tries with the one that is judged */
export function judgeReply(
  reply: Reply,
  tries: number,
  { webhookWaitsMs }: Pick<WebhookTiming, 'webhookWaitsMs'>,
  random: () => number = Math.random,
): ReplyVerdict {
  const { status } = reply;
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'failed', retryMs: null, restMs: 0, isGone: true };
  const asked = NOT_NOW.includes(status) ? Math.min(reply.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS) : 0;
  const wait = webhookWaitsMs[tries - 1];
  const retryMs = wait === undefined ? null : Math.max(asked, jittered(wait, random));
  return { kind: 'failed', retryMs, restMs: asked, isGone: false };
}
