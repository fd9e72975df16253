import type { ClientCommand } from '../../client-context.ts';
import { type Listing, listOutcome, statusCell } from '../../output/list-outcome.ts';
import { relativeTime } from '../../output/relative-time.ts';
import { listPages } from '../../service/list-pages.ts';
import { numberIn, recordIn, textIn } from '../../views/fields.ts';
import { endedOf } from '../../views/rollout-view.ts';
import { waitingText } from '../waiting-text.ts';
import { countsText } from './describe-rollout.ts';

const LISTING: Listing = {
  type: 'rollout',
  noun: 'rollouts',
  columns: [
    { title: 'ID' },
    { title: 'STATUS' },
    { title: 'ENDED' },
    { title: 'OF THESE', least: 8, rank: 4 },
    { title: 'MODE', rank: 3 },
    { title: 'CREATED', rank: 3 },
    { title: 'BY', least: 6, rank: 2 },
    { title: 'WAITS', least: 16, rank: 1 },
  ],
  row: (item, paint, now) => {
    const counts = (recordIn(item, 'counts') ?? {}) as Record<string, number>;
    const total = numberIn(item, 'targets') ?? 0;
    const waiting = recordIn(item, 'waitingFor');
    return [
      { text: textIn(item, 'id') ?? '?' },
      statusCell(textIn(item, 'status') ?? '?', paint),
      { text: `${endedOf(counts, total)} of ${total}` },
      { text: countsText(counts) },
      { text: `${textIn(item, 'mode') ?? '?'}${item['dryRun'] === true ? ' (dry)' : ''}` },
      { text: relativeTime(textIn(item, 'createdAt'), now) },
      { text: textIn(item, 'createdBy') ?? '' },
      { text: waiting === null ? '' : waitingText(waiting, now), paint: paint.dim },
    ];
  },
};

/** Lists rollouts, newest first. */
export const runListRollouts: ClientCommand<{ readonly status: string | null; readonly limit: number }> = async (
  { status, limit },
  context,
) => listOutcome(LISTING, await listPages(context.service, '/v1/rollouts', { status }, limit), context);
