import type { Outcome } from '../../outcome.ts';
import type { ClientContext } from '../client-context.ts';
import { type Listing, listOutcome } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listAll } from '../service/list-pages.ts';
import { numberIn, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'worker',
  noun: 'workers',
  columns: [
    { title: 'HOST', least: 12 },
    { title: 'STATE' },
    { title: 'RUNNING' },
    { title: 'HEARD OF' },
    { title: 'SINCE', rank: 4 },
    { title: 'PID', rank: 3 },
    { title: 'VERSION', rank: 2 },
    { title: 'ID', rank: 1 },
  ],
  row: (item, paint, now) => [
    { text: textIn(item, 'host') ?? '?' },
    item['alive'] === true ? { text: 'alive', paint: paint.green } : { text: 'gone', paint: paint.dim },
    { text: `${numberIn(item, 'running') ?? '?'} of ${numberIn(item, 'concurrency') ?? '?'}` },
    { text: relativeTime(textIn(item, 'heartbeatAt'), now) },
    { text: relativeTime(textIn(item, 'startedAt'), now) },
    { text: String(numberIn(item, 'pid') ?? '') },
    { text: textIn(item, 'version') ?? '' },
    { text: textIn(item, 'id') ?? '' },
  ],
};

/** Lists the workers, the living first. */
export async function runListWorkers(context: ClientContext): Promise<Outcome> {
  return listOutcome(LISTING, await listAll(context.service, '/v1/workers'), context);
}
