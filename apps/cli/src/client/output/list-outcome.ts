import { type Outcome, outcomeOf } from '../../outcome.ts';
import type { Paint } from '../../output/paint.ts';
import type { ClientContext } from '../client-context.ts';
import type { Listed } from '../service/list-pages.ts';
import type { Fields } from '../views/fields.ts';
import { type Cell, type Column, tableLines } from './table.ts';

/** How one kind of thing is listed. */
export interface Listing {
  /** What each line of `--json` has as its type. */
  readonly type: string;
  /** In the plural, for when there are none. */
  readonly noun: string;
  readonly columns: readonly Column[];
  readonly row: (item: Fields, paint: Paint, now: number) => readonly Cell[];
}

/** A list as a table for people, and as one object a line for programs. */
export function listOutcome(listing: Listing, { items, more }: Listed, context: ClientContext): Outcome {
  const now = context.now();
  const describe = (paint: Paint): string[] => {
    if (items.length === 0) return [paint.dim(`no ${listing.noun}`)];
    const rows = items.map((item) => listing.row(item, paint, now));
    return [
      ...tableLines(listing.columns, rows, context.columns, paint),
      ...(more ? [paint.dim(`there are more: --limit takes a number larger than ${items.length}`)] : []),
    ];
  };
  return {
    ...outcomeOf({ status: 'succeeded' }, { count: items.length, more }, describe),
    items: items.map((item) => ({ ...item, type: listing.type })),
  };
}

/** A status in its colour, with the words that people use. */
export function statusCell(status: string, paint: Paint): Cell {
  const color =
    status === 'succeeded'
      ? paint.green
      : status === 'failed' || status === 'needs_attention'
        ? paint.red
        : status === 'cancelled'
          ? paint.dim
          : paint.yellow;
  return { text: status.replaceAll('_', ' '), paint: color };
}
