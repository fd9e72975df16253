import { outcomeOf } from '../../../outcome.ts';
import type { ClientCommand } from '../../client-context.ts';
import type { AddWebhookRequest } from '../../command-line/client-invocation.ts';
import { expectRecord, expectText } from '../../views/fields.ts';
import { secretOutcomeLines } from './secret-lines.ts';

/** Registers a webhook. Its secret is shown here, once, and can't be shown again. In a pipe it is the secret alone. */
export const runAddWebhook: ClientCommand<AddWebhookRequest> = async (request, context) => {
  const { url, events, labels, description } = request;
  const { body } = await context.service.ask({
    method: 'POST',
    path: '/v1/webhooks',
    body: { url, labels, ...(events === null ? {} : { events }), ...(description === null ? {} : { description }) },
  });
  const made = expectRecord(body, 'the webhook');
  const id = expectText(made, 'id');
  const secret = expectText(made, 'secret');
  return outcomeOf({ status: 'succeeded' }, { ...made, webhook: id }, (paint) =>
    context.columns === null
      ? [paint.line(secret)]
      : [
          ...secretOutcomeLines(paint, `registered: ${id}`, secret),
          `  try it: ${context.commandLine(`webhooks test ${id}`)}`,
        ],
  );
};
