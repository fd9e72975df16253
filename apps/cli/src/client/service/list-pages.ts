import { expectRecord, type Fields, recordsIn, textIn } from '../views/fields.ts';
import type { Call, Service } from './service.ts';

/** The service gives no more at once. */
const MOST_PER_PAGE = 200;

export interface Listed {
  readonly items: readonly Fields[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

/** Lists what there is, page by page, up to a limit. */
export async function listPages(
  service: Service,
  path: string,
  query: NonNullable<Call['query']>,
  limit: number,
): Promise<Listed> {
  const items: Fields[] = [];
  let cursor: string | null = null;
  do {
    const page: Call['query'] = { ...query, limit: Math.min(MOST_PER_PAGE, limit - items.length), cursor };
    const { body } = await service.ask({ method: 'GET', path, query: page });
    const fields = expectRecord(body, 'the list');
    const before = items.length;
    items.push(...recordsIn(fields, 'items'));
    cursor = textIn(fields, 'nextCursor');
    // A page that holds nothing leads nowhere, whatever its cursor says.
    if (items.length === before) break;
  } while (cursor !== null && items.length < limit);
  return { items: items.slice(0, limit), more: cursor !== null };
}

/** What a route without pages lists. */
export async function listAll(service: Service, path: string): Promise<Listed> {
  const { body } = await service.ask({ method: 'GET', path });
  return { items: recordsIn(expectRecord(body, 'the list'), 'items'), more: false };
}
