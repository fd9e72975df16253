import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, outcomeOf } from '../../../outcome.ts';
import { stopWithoutFile } from '../../../stop.ts';
import type { ClientCommand, ClientContext } from '../../client-context.ts';
import { expectRecord, expectText, type Fields, numberIn, recordsIn, textIn } from '../../views/fields.ts';

const LOOK_MS = 300;
/** A receiver may take 15 s, and a worker a second or two until it sends. */
const PATIENCE_MS = 25_000;

/** Has a message of the type `webhook.test` sent, and waits for what became of it. */
export const runTest: ClientCommand<{ readonly id: string }> = async ({ id }, context) => {
  const webhook = `/v1/webhooks/${encodeURIComponent(id)}`;
  const { body } = await context.service.ask({ method: 'POST', path: `${webhook}/test` });
  return firstTry(webhook, expectRecord(body, 'the delivery'), 0, context);
};

/** Has a message sent once more, and waits for what became of it. */
export const runResend: ClientCommand<{ readonly id: string; readonly delivery: string }> = async (
  { id, delivery },
  context,
) => {
  const webhook = `/v1/webhooks/${encodeURIComponent(id)}`;
  const path = `${webhook}/deliveries/${encodeURIComponent(delivery)}/resend`;
  const { body } = await context.service.ask({ method: 'POST', path });
  const sent = expectRecord(body, 'the delivery');
  return firstTry(webhook, sent, latestAttempt(sent), context);
};

/** Waits for the first try since `before`. */
async function firstTry(webhook: string, sent: Fields, before: number, context: ClientContext): Promise<Outcome> {
  const id = expectText(sent, 'id');
  const path = `${webhook}/deliveries/${encodeURIComponent(id)}`;
  const until = context.now() + PATIENCE_MS;
  let seen = sent;
  while (latestAttempt(seen) <= before && context.now() < until) {
    await pause(LOOK_MS);
    const { body } = await context.service.ask({ method: 'GET', path });
    seen = expectRecord(body, 'the delivery');
  }
  return outcomeOfDelivery(seen, latestAttempt(seen) > before);
}

/** When it was tried last; 0 when it never was. */
function latestAttempt(delivery: Fields): number {
  return Date.parse(textIn(recordsIn(delivery, 'attempts').at(-1) ?? {}, 'at') ?? '') || 0;
}

function outcomeOfDelivery(delivery: Fields, isTried: boolean): Outcome {
  const id = expectText(delivery, 'id');
  const attempt = recordsIn(delivery, 'attempts').at(-1) ?? {};
  const error = textIn(attempt, 'error');
  if (isTried && error === null) {
    const took = `${numberIn(attempt, 'status') ?? '?'} after ${numberIn(attempt, 'durationMs') ?? '?'} ms`;
    return outcomeOf({ status: 'succeeded' }, { delivery: id }, (paint) => [
      paint.green(`delivered: the receiver answered ${took}`),
    ]);
  }
  const answer = textIn(attempt, 'answer');
  const message = isTried
    ? `it did not arrive. ${error ?? ''}${answer === null ? '' : ` It said: ${answer}`}`
    : 'no worker has tried to send it so far';
  const hint = isTried
    ? 'It is tried again with growing waits; see to the receiver, then `webhooks resend` sends it at once.'
    : 'See with `postgres-manager workers` whether one lives, and with `webhooks deliveries` what became of it.';
  const failed = stopWithoutFile('webhook_not_delivered', message, hint);
  return outcomeOf({ status: 'failed', failed }, { delivery: id }, (paint) => [
    `${paint.red('postgres-manager:')} ${paint.block(message)}`,
    `  ${paint.block(hint)}`,
  ]);
}
