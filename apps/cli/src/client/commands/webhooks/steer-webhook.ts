import { outcomeOf } from '../../../outcome.ts';
import type { ClientCommand } from '../../client-context.ts';
import type { WebhookVerbRequest } from '../../command-line/client-invocation.ts';
import { expectRecord, expectText, textIn } from '../../views/fields.ts';
import { secretOutcomeLines } from './secret-lines.ts';
import { runTest } from './send-message.ts';

const SAID = {
  remove: 'removed: nothing more is sent to it',
  enable: 'switched on: what waited goes on',
  disable: 'switched off: nothing is recorded for it or sent to it until `webhooks enable`',
} as const;

/** Does what is to be done with one webhook. */
export const runSteerWebhook: ClientCommand<WebhookVerbRequest> = async (request, context) => {
  const { verb, id, reason } = request;
  if (verb === 'test') return runTest({ id }, context);
  const path = `/v1/webhooks/${encodeURIComponent(id)}`;
  if (verb === 'rotate-secret') {
    const { body } = await context.service.ask({ method: 'POST', path: `${path}/rotate-secret` });
    const changed = expectRecord(body, 'the webhook');
    const secret = expectText(changed, 'secret');
    const until = textIn(changed, 'previousSecretUntil') ?? 'now';
    return outcomeOf({ status: 'succeeded' }, { ...changed, webhook: id }, (paint) =>
      context.columns === null
        ? [paint.line(secret)]
        : secretOutcomeLines(paint, `signed with a new secret, and until ${until} with the one before too:`, secret),
    );
  }
  await context.service.ask(
    verb === 'remove'
      ? { method: 'DELETE', path }
      : // Twice is once.
        { method: 'POST', path: `${path}/${verb}`, repeatable: true, ...(reason === null ? {} : { body: { reason } }) },
  );
  return outcomeOf({ status: 'succeeded' }, { webhook: id, change: verb }, (paint) => [paint.green(SAID[verb])]);
};
