import type { ClientCommand } from '../client-context.ts';
import type { ListDeploymentsRequest } from '../command-line/client-invocation.ts';
import { type Listing, listOutcome, statusCell } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listPages } from '../service/list-pages.ts';
import { textIn } from '../views/fields.ts';
import { reasonText } from './waiting-text.ts';

const LISTING: Listing = {
  type: 'deployment',
  noun: 'deployments',
  columns: [
    { title: 'ID' },
    { title: 'STATUS' },
    { title: 'TARGET', least: 8 },
    { title: 'MODE', rank: 4 },
    { title: 'CREATED', rank: 3 },
    { title: 'BY', least: 6, rank: 2 },
    { title: 'WHY', least: 16, rank: 1 },
  ],
  row: (item, paint, now) => [
    { text: textIn(item, 'id') ?? '?' },
    statusCell(textIn(item, 'status') ?? '?', paint),
    { text: textIn(item, 'target') ?? '?' },
    { text: `${modeText(textIn(item, 'mode'))}${item['dryRun'] === true ? ' (dry)' : ''}` },
    { text: relativeTime(textIn(item, 'createdAt'), now) },
    { text: textIn(item, 'createdBy') ?? '' },
    { text: reasonText(item, now), paint: paint.dim },
  ],
};

/** Lists deployments, newest first. */
export const runListDeployments: ClientCommand<ListDeploymentsRequest> = async (request, context) => {
  const { target, mode, status, createdAfter, createdBefore, limit } = request;
  const query = { target, mode, status, createdAfter, createdBefore };
  return listOutcome(LISTING, await listPages(context.service, '/v1/deployments', query, limit), context);
};

/** The long one is cut in a narrow table: better by hand. */
function modeText(mode: string | null): string {
  return mode === 'manual-deployment' ? 'manual' : (mode ?? '?');
}
