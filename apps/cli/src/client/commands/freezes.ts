import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { type Listing, listOutcome } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listAll } from '../service/list-pages.ts';
import { expectRecord, expectText, type Fields, labelsText, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'freeze',
  noun: 'freezes that stand',
  columns: [
    { title: 'ID' },
    { title: 'TARGETS', least: 8 },
    { title: 'SINCE', rank: 2 },
    { title: 'BY', least: 6, rank: 1 },
    { title: 'REASON', least: 16 },
  ],
  row: (item, _paint, now) => [
    { text: textIn(item, 'id') ?? '?' },
    { text: labelsText(item) || 'all' },
    { text: relativeTime(textIn(item, 'createdAt'), now) },
    { text: textIn(item, 'createdBy') ?? '' },
    { text: textIn(item, 'reason') ?? '' },
  ],
};

/** Lists the freezes that stand. */
export async function runListFreezes(context: ClientContext) {
  return listOutcome(LISTING, await listAll(context.service, '/v1/freezes'), context);
}

/** Lets nothing start on some targets, or on all. In a pipe the id alone is printed. */
export const runCreateFreeze: ClientCommand<Extract<ClientInvocation, { command: 'create-freeze' }>> = async (
  { labels, reason },
  context,
) => {
  const { body } = await context.service.ask({ method: 'POST', path: '/v1/freezes', body: { labels, reason } });
  const freeze: Fields = expectRecord(body, 'the freeze');
  const id = expectText(freeze, 'id');
  return {
    ...outcomeOf({ status: 'succeeded' }, { freeze: id }, (paint) =>
      context.columns === null
        ? [id]
        : [
            paint.yellow(paint.line(`frozen: nothing starts on ${labelsText(freeze) || 'any target'}`)),
            `  lift it: ${context.commandLine(`freezes lift ${id}`)}`,
          ],
    ),
    items: [{ ...freeze, type: 'freeze' }],
  };
};

/** Lets what was frozen start again. */
export const runLiftFreeze: ClientCommand<{ readonly id: string }> = async ({ id }, { service }) => {
  await service.ask({ method: 'DELETE', path: `/v1/freezes/${encodeURIComponent(id)}` });
  return outcomeOf({ status: 'succeeded' }, { freeze: id }, (paint) => [
    paint.green('lifted: what waited for it begins within seconds'),
  ]);
};
