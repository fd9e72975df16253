import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { type Listing, listOutcome, statusCell } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listPages } from '../service/list-pages.ts';
import { type Fields, labelsText, numberIn, recordIn, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'target',
  noun: 'targets',
  columns: [
    { title: 'NAME', least: 12 },
    { title: 'LAST DEPLOYMENT', least: 9 },
    { title: 'WHEN', rank: 4 },
    { title: 'APPLIED', rank: 3 },
    { title: 'STANDS AT', least: 16 },
    { title: 'LABELS', least: 10, rank: 2 },
    { title: 'DATABASE', least: 16, rank: 1 },
  ],
  row: (item, paint, now) => {
    const last = recordIn(item, 'lastDeployment');
    const ledger = recordIn(item, 'ledger');
    return [
      { text: textIn(item, 'name') ?? '?' },
      last === null ? { text: 'none yet', paint: paint.dim } : statusCell(textIn(last, 'status') ?? '?', paint),
      { text: last === null ? '-' : relativeTime(textIn(last, 'createdAt'), now) },
      { text: ledger === null ? '-' : String(numberIn(ledger, 'applied') ?? '-') },
      { text: standsAt(ledger) },
      { text: labelsText(item) },
      { text: databaseText(item) },
    ];
  },
};

/** Lists targets by name. */
export const runListTargets: ClientCommand<Extract<ClientInvocation, { command: 'targets' }>> = async (
  { labels, limit },
  context,
) => {
  const label = Object.entries(labels).map(([name, value]) => `${name}:${value}`);
  return listOutcome(LISTING, await listPages(context.service, '/v1/targets', { label }, limit), context);
};

function standsAt(ledger: Fields | null): string {
  if (ledger === null) return 'not seen yet';
  const last = recordIn(ledger, 'lastDeploymentFile');
  const path = last === null ? null : textIn(last, 'path');
  if (path !== null) return path.replace(/^deployment\//, '');
  return textIn(ledger, 'create') === 'complete' ? 'created' : 'empty';
}

/** Where a target's database is, as far as it may be shown. */
export function databaseText(target: Fields): string {
  const variable = textIn(target, 'dsnEnv');
  if (variable !== null) return `$${variable}`;
  const port = numberIn(target, 'port');
  return `${textIn(target, 'host') ?? '?'}${port === null ? '' : `:${port}`}/${textIn(target, 'database') ?? '?'}`;
}
