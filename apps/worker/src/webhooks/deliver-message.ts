import {
  type ClaimedDelivery,
  ControlPlaneError,
  type DeliveryAttempt,
  disableWebhook,
  findUrlFault,
  handBackDelivery,
  noteDelivered,
  noteFailed,
  NOTHING_INTERNAL,
  openWebhookSecret,
  signMessage,
} from '@postgres-manager/control-plane';
import { persist } from '../persist.ts';
import type { Service } from '../service.ts';
import type { Resolve } from './guarded-lookup.ts';
import { judgeReply, type ReplyVerdict } from './judge-reply.ts';
import { postMessage, type Reply } from './post-message.ts';

/** What sending takes of a worker. */
export interface Sending {
  readonly service: Pick<Service, 'control' | 'config' | 'timing' | 'metrics' | 'log'>;
  readonly userAgent: string;
  /** Aborted when the worker stops: what has no answer yet is handed back. */
  readonly stopping: AbortSignal;
  readonly resolve?: Resolve;
}

/** Who switches a webhook off when no person does. */
const ACTOR = { name: 'worker', keyId: null, requestId: null };

/**
 * Sends a message that was claimed, and writes down what became of it. What can't be written down while its lease
 * lasts is sent again by whoever claims it next, with the same id.
 */
export async function deliverMessage(claimed: ClaimedDelivery, sending: Sending): Promise<void> {
  const { service, stopping } = sending;
  const { control, timing, metrics } = service;
  const leaseEnds = performance.now() + timing.webhookLeaseMs;
  const at = new Date();
  const begun = performance.now();
  const reply = await send(claimed, at, sending);
  const keep = <T>(work: () => Promise<T>): Promise<T> =>
    persist(work, () => performance.now() < leaseEnds && !stopping.aborted);
  if (reply.status === null && stopping.aborted) {
    await handBackDelivery(control, claimed);
    return;
  }
  const attempt: DeliveryAttempt = {
    at: at.toISOString(),
    status: reply.status,
    error: reply.error,
    answer: reply.answer,
    durationMs: Math.round(performance.now() - begun),
  };
  const verdict = judgeReply(reply, claimed.tries, timing);
  metrics.webhook(verdict.kind === 'delivered' ? 'delivered' : verdict.retryMs === null ? 'given_up' : 'failed');
  if (verdict.kind === 'delivered') await keep(() => noteDelivered(control, claimed, attempt));
  else await noteFailure(claimed, attempt, verdict, service, keep);
}

async function send(
  claimed: ClaimedDelivery,
  at: Date,
  { service, userAgent, stopping, resolve }: Sending,
): Promise<Reply> {
  const { config, timing } = service;
  const allowance = config.webhooksMayReach ?? NOTHING_INTERNAL;
  const fault = findUrlFault(claimed.url, allowance);
  if (fault !== null) return { status: null, error: `Its URL is refused: ${fault}`, answer: null, retryAfterMs: null };
  const timestamp = Math.floor(at.getTime() / 1000);
  let signature: string;
  try {
    const secrets = claimed.secrets.map((sealed) => openWebhookSecret(sealed, claimed.webhookId, config.keyring));
    signature = signMessage(claimed.id, timestamp, claimed.body, secrets);
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    return { status: null, error: error.message, answer: null, retryAfterMs: null };
  }
  return postMessage(claimed.url, claimed.body, {
    headers: {
      'content-type': 'application/json',
      'user-agent': userAgent,
      'webhook-id': claimed.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    },
    timeoutMs: timing.webhookTimeoutMs,
    allowance,
    signal: stopping,
    ...(resolve === undefined ? {} : { resolve }),
  });
}

async function noteFailure(
  claimed: ClaimedDelivery,
  attempt: DeliveryAttempt,
  { retryMs, restMs, isGone }: Extract<ReplyVerdict, { kind: 'failed' }>,
  { control, timing, log }: Sending['service'],
  keep: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const isLasting = await keep(() =>
    noteFailed(control, claimed, attempt, {
      retryMs,
      restMs,
      firstRestMs: timing.webhookFirstRestMs,
      longestRestMs: timing.webhookLongestRestMs,
      patienceMs: timing.webhookPatienceMs,
    }),
  );
  const { webhookId } = claimed;
  log.debug(
    { webhook: webhookId, delivery: claimed.id, status: attempt.status, retryMs },
    'A message was not delivered.',
  );
  if (!isGone && !isLasting) return;
  const reason = isGone
    ? 'Its receiver answered 410 Gone: it wants no more messages.'
    : `It has had nothing but failures for ${spanText(timing.webhookPatienceMs)}. The latest: ${attempt.error ?? ''}`;
  await keep(() => disableWebhook(control, webhookId, reason, ACTOR));
  log.warn(
    { webhook: webhookId },
    'A webhook was switched off. Its receiver is to be seen to; then switch it on again.',
  );
}

function spanText(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 1 ? `${Math.round(days)} days` : `${Math.round(ms / 1000)} s`;
}
