import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { type Listing, listOutcome } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listAll } from '../service/list-pages.ts';
import { expectRecord, expectText, type Fields, labelsText, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'protection',
  noun: 'protections that stand',
  columns: [
    { title: 'ID' },
    { title: 'TARGETS', least: 8 },
    { title: 'SINCE', rank: 2 },
    { title: 'BY', least: 6, rank: 1 },
    { title: 'REASON', least: 16 },
  ],
  row: (item, _paint, now) => [
    { text: textIn(item, 'id') ?? '?' },
    { text: protectedText(item) },
    { text: relativeTime(textIn(item, 'createdAt'), now) },
    { text: textIn(item, 'createdBy') ?? '' },
    { text: textIn(item, 'reason') ?? '' },
  ],
};

function protectedText(protection: Fields): string {
  return textIn(protection, 'target') ?? (labelsText(protection) || 'all');
}

/** Lists the protections that stand. */
export async function runListProtections(context: ClientContext) {
  return listOutcome(LISTING, await listAll(context.service, '/v1/protections'), context);
}

/** Lets nothing run on some targets without an approval. In a pipe the id alone is printed. */
export const runCreateProtection: ClientCommand<Extract<ClientInvocation, { command: 'create-protection' }>> = async (
  { labels, target, reason },
  context,
) => {
  const wanted = target === null ? { labels } : { target };
  const { body } = await context.service.ask({
    method: 'POST',
    path: '/v1/protections',
    body: { ...wanted, reason },
  });
  const protection: Fields = expectRecord(body, 'the protection');
  const id = expectText(protection, 'id');
  return {
    ...outcomeOf({ status: 'succeeded' }, { protection: id }, (paint) =>
      context.columns === null
        ? [id]
        : [
            paint.yellow(paint.line(`protected: nothing runs without an approval on ${protectedText(protection)}`)),
            `  remove it: ${context.commandLine(`protections remove ${id}`)}`,
          ],
    ),
    items: [{ ...protection, type: 'protection' }],
  };
};

/** Takes a protection away. */
export const runRemoveProtection: ClientCommand<{ readonly id: string }> = async ({ id }, { service }) => {
  await service.ask({ method: 'DELETE', path: `/v1/protections/${encodeURIComponent(id)}` });
  return outcomeOf({ status: 'succeeded' }, { protection: id }, (paint) => [
    paint.green('removed: what is asked for from now on needs no approval; what waits for one still does'),
  ]);
};
