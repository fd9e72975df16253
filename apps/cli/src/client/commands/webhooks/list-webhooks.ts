import type { Outcome } from '../../../outcome.ts';
import type { ClientContext } from '../../client-context.ts';
import { type Listing, listOutcome } from '../../output/list-outcome.ts';
import { relativeTime } from '../../output/relative-time.ts';
import { listAll } from '../../service/list-pages.ts';
import { type Fields, labelsText, recordIn, textIn, textsIn } from '../../views/fields.ts';

const LISTING: Listing = {
  type: 'webhook',
  noun: 'webhooks',
  columns: [
    { title: 'ID' },
    { title: 'STATE', least: 7 },
    { title: 'URL', least: 20 },
    { title: 'EVENTS', least: 10 },
    { title: 'TARGETS', least: 7, rank: 3 },
    { title: 'LAST SUCCESS', rank: 4 },
    { title: 'DESCRIPTION', least: 8, rank: 1 },
    { title: 'WHY', least: 12, rank: 2 },
  ],
  row: (item, paint, now) => {
    const state = stateOf(item);
    const color = { on: paint.green, failing: paint.yellow, off: paint.red }[state];
    const lastSuccess = textIn(item, 'lastSuccessAt');
    return [
      { text: textIn(item, 'id') ?? '?' },
      { text: state, paint: color },
      { text: textIn(item, 'url') ?? '?' },
      { text: textsIn(item, 'events').join(',') },
      { text: labelsText(item) || 'all' },
      { text: lastSuccess === null ? 'never' : relativeTime(lastSuccess, now) },
      { text: textIn(item, 'description') ?? '' },
      { text: state === 'on' ? '' : whyOf(item) },
    ];
  },
};

/** Lists the webhooks, newest first. */
export async function runListWebhooks(context: ClientContext): Promise<Outcome> {
  return listOutcome(LISTING, await listAll(context.service, '/v1/webhooks'), context);
}

function stateOf(webhook: Fields): 'on' | 'failing' | 'off' {
  if (recordIn(webhook, 'disabled') !== null) return 'off';
  return textIn(webhook, 'failingSince') === null ? 'on' : 'failing';
}

function whyOf(webhook: Fields): string {
  const disabled = recordIn(webhook, 'disabled');
  const failure = recordIn(webhook, 'lastFailure');
  return (disabled && textIn(disabled, 'reason')) ?? (failure && textIn(failure, 'error')) ?? '';
}
