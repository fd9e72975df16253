import type { ClientCommand } from '../../client-context.ts';
import type { ClientInvocation } from '../../command-line/client-invocation.ts';
import { type Listing, listOutcome, statusCell } from '../../output/list-outcome.ts';
import { relativeTime } from '../../output/relative-time.ts';
import { listPages } from '../../service/list-pages.ts';
import { numberIn, recordsIn, textIn } from '../../views/fields.ts';

const LISTING: Listing = {
  type: 'webhook_delivery',
  noun: 'deliveries',
  columns: [
    { title: 'ID' },
    { title: 'TYPE', least: 12 },
    { title: 'STATUS' },
    { title: 'TRIES', rank: 3 },
    { title: 'CREATED', rank: 4 },
    { title: 'NEXT TRY', rank: 2 },
    { title: 'LATEST', least: 16, rank: 5 },
  ],
  row: (item, paint, now) => {
    const attempt = recordsIn(item, 'attempts').at(-1) ?? {};
    const next = textIn(item, 'nextAttemptAt');
    const status = numberIn(attempt, 'status');
    return [
      { text: textIn(item, 'id') ?? '?' },
      { text: textIn(item, 'event') ?? '?' },
      statusCell(textIn(item, 'status') ?? '?', paint),
      { text: String(numberIn(item, 'tries') ?? '?') },
      { text: relativeTime(textIn(item, 'createdAt'), now) },
      { text: next === null ? '' : relativeTime(next, now) },
      { text: textIn(attempt, 'error') ?? (status === null ? '' : `answered ${status}`) },
    ];
  },
};

/** Lists what was sent to a webhook and is to be, newest first. */
export const runListDeliveries: ClientCommand<Extract<ClientInvocation, { command: 'webhook-deliveries' }>> = async (
  { id, status, limit },
  context,
) => {
  const path = `/v1/webhooks/${encodeURIComponent(id)}/deliveries`;
  const { items, more } = await listPages(context.service, path, { status }, limit);
  // What a line of `--json` is has the name `type`, there as in all lists.
  return listOutcome(LISTING, { items: items.map((item) => ({ ...item, event: item['type'] })), more }, context);
};
