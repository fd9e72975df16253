import {
  claimDeliveries,
  dropDeliveries,
  forgetPreviousSecrets,
  isDatabaseUnavailable,
} from '@postgres-manager/control-plane';
import type { Complaints } from '../complaints.ts';
import { repeat } from '../repeat.ts';
import { deliverMessage, type Sending } from './deliver-message.ts';

/**
 * How many messages to one webhook are under way at a time. There is no number for all together, beyond that of the
 * webhooks: with one, slow receivers could take all the places there are.
 */
const MOST_PER_WEBHOOK = 4;
const DROPPED_AT_ONCE = 1000;
/** What is under way when the worker stops gets so long. */
const GOODBYE_MS = 2000;

/**
 * Sends what is to be sent to webhooks until it is stopped, beside any number of workers that do the same.
 * @returns stops it: nothing new is taken, and what has no answer after two seconds is handed back
 */
export function startWebhookSender(
  sending: Omit<Sending, 'stopping'>,
  faults: Complaints,
): { readonly stop: () => Promise<void> } {
  const { control, timing, log } = sending.service;
  const stopping = new AbortController();
  const held = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  const fault = (error: unknown): void => {
    if (isDatabaseUnavailable(error)) faults.fault(error instanceof Error ? error.message : String(error));
    else log.error({ err: error }, 'A message to a webhook could not be seen to; it is tried again.');
  };
  const take = async (): Promise<void> => {
    if (isStopped) return;
    const leaseMs = timing.webhookLeaseMs;
    const claimed = await claimDeliveries(control, held, { perWebhook: MOST_PER_WEBHOOK, leaseMs });
    faults.well();
    for (const delivery of claimed) {
      const { webhookId } = delivery;
      held.set(webhookId, (held.get(webhookId) ?? 0) + 1);
      const done = deliverMessage(delivery, { ...sending, stopping: stopping.signal })
        .catch(fault)
        .finally(() => {
          const left = (held.get(webhookId) ?? 1) - 1;
          if (left === 0) held.delete(webhookId);
          else held.set(webhookId, left);
          underWay.delete(done);
          // There may be more than there were places for.
          looking.now();
        });
      underWay.add(done);
    }
  };
  const looking = repeat(timing.webhookLookMs, () => take().catch(fault));
  const dropping = repeat(timing.webhookDropMs, async () => {
    try {
      await forgetPreviousSecrets(control);
      let dropped = DROPPED_AT_ONCE;
      while (dropped >= DROPPED_AT_ONCE && !isStopped) {
        dropped = await dropDeliveries(control, timing.webhookKeptMs, DROPPED_AT_ONCE);
      }
    } catch (error) {
      fault(error);
    }
  });
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all([looking.stop(), dropping.stop()]);
      const cut = setTimeout(() => stopping.abort(), GOODBYE_MS);
      await Promise.all(underWay);
      clearTimeout(cut);
    },
  };
}
