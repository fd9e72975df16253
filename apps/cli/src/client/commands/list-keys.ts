import type { Outcome } from '../../outcome.ts';
import type { ClientContext } from '../client-context.ts';
import { type Listing, listOutcome } from '../output/list-outcome.ts';
import { relativeTime } from '../output/relative-time.ts';
import { listAll } from '../service/list-pages.ts';
import { type Fields, labelsText, textIn } from '../views/fields.ts';

const LISTING: Listing = {
  type: 'key',
  noun: 'keys',
  columns: [
    { title: 'ID' },
    { title: 'NAME', least: 10 },
    { title: 'ROLE' },
    { title: 'STATE', least: 7 },
    { title: 'LAST USED', rank: 4 },
    { title: 'TARGETS', least: 8, rank: 3 },
    { title: 'BEGINS WITH', rank: 2 },
    { title: 'MADE BY', least: 6, rank: 1 },
  ],
  row: (item, paint, now) => {
    const state = stateOf(item, now);
    return [
      { text: textIn(item, 'id') ?? '?' },
      { text: textIn(item, 'name') ?? '?' },
      { text: textIn(item, 'role') ?? '?' },
      { text: state, paint: state === 'revoked' || state === 'expired' ? paint.dim : paint.green },
      { text: textIn(item, 'lastUsedAt') === null ? 'never' : relativeTime(textIn(item, 'lastUsedAt'), now) },
      { text: labelsText(item) || 'all' },
      { text: textIn(item, 'prefix') ?? '' },
      { text: textIn(item, 'createdBy') ?? '' },
    ];
  },
};

/** Lists the keys, newest first. */
export async function runListKeys(context: ClientContext): Promise<Outcome> {
  return listOutcome(LISTING, await listAll(context.service, '/v1/keys'), context);
}

function stateOf(key: Fields, now: number): string {
  if (textIn(key, 'revokedAt') !== null) return 'revoked';
  const expiresAt = textIn(key, 'expiresAt');
  if (expiresAt === null) return 'valid';
  return Date.parse(expiresAt) <= now ? 'expired' : `until ${expiresAt.slice(0, 10)}`;
}
