import type { ClientCommand } from '../client-context.ts';
import { type Listing, listOutcome } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listPages } from '../service/list-pages.ts';
import { recordIn, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'audit',
  noun: 'changes',
  columns: [
    { title: 'WHEN' },
    { title: 'WHO', least: 8 },
    { title: 'ACTION' },
    { title: 'SUBJECT', least: 12 },
    { title: 'DETAIL', least: 16, rank: 1 },
  ],
  row: (item, paint, now) => [
    { text: relativeTime(textIn(item, 'at'), now) },
    { text: textIn(item, 'actor') ?? '?' },
    { text: textIn(item, 'action') ?? '?' },
    { text: textIn(item, 'subject') ?? '' },
    { text: detailText(recordIn(item, 'detail') ?? {}), paint: paint.dim },
  ],
};

/** Lists who changed what, newest first. */
export const runListAudit: ClientCommand<{ readonly limit: number }> = async ({ limit }, context) =>
  listOutcome(LISTING, await listPages(context.service, '/v1/audit', {}, limit), context);

function detailText(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== false)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
