import type { ClientCommand } from '../../client-context.ts';
import type { ClientInvocation } from '../../command-line/client-invocation.ts';
import { type Listing, listOutcome, statusCell } from '../../output/list-outcome.ts';
import { listPages } from '../../service/list-pages.ts';
import { type Fields, numberIn, recordIn, textIn } from '../../views/fields.ts';
import { reasonText } from '../waiting-text.ts';

type Request = Extract<ClientInvocation, { command: 'rollout-targets' }>;

const LISTING: Listing = {
  type: 'rollout_target',
  noun: 'targets',
  columns: [
    { title: 'TARGET', least: 8 },
    { title: 'WAVE' },
    { title: 'STATE' },
    { title: 'DEPLOYMENT', rank: 3 },
    { title: 'TRIES', rank: 2 },
    { title: 'WHY', least: 16, rank: 1 },
  ],
  row: (item, paint, now) => [
    { text: textIn(item, 'target') ?? '?' },
    { text: String(numberIn(item, 'wave') ?? '?') },
    statusCell(textIn(item, 'state') ?? '?', paint),
    { text: textIn(item, 'deployment') ?? '' },
    { text: String(numberIn(item, 'tries') ?? 0) },
    { text: whyText(item, now), paint: paint.dim },
  ],
};

/** Lists the targets of a rollout in its order. */
export const runListRolloutTargets: ClientCommand<Request> = async ({ id, state, wave, limit }, context) => {
  const path = `/v1/rollouts/${encodeURIComponent(id)}/targets`;
  return listOutcome(LISTING, await listPages(context.service, path, { state, wave }, limit), context);
};

function whyText(item: Fields, now: number): string {
  const skipped = recordIn(item, 'skipped');
  return skipped === null
    ? reasonText(item, now)
    : `${textIn(skipped, 'reason') ?? ''} (${textIn(skipped, 'by') ?? '?'})`;
}
