import { compareBytewise } from '../bundle/natural-order.ts';
import { formatOrdinalName, MAX_ORDINAL } from '../bundle/ordinal.ts';
import type { OrdinalEntry } from './ordinal-entries.ts';

/** What stands in an offered name where nothing of the old one can be kept. */
const REST_TO_FILL_IN = 'describe-the-change';

/**
 * New names for the entries of one folder, by the names they have; an entry that may stay as it is has none.
 * The offers belong together: a folder in which all of them are taken up has every name right, no ordinal twice
 * and, where holes are closed, none missing. So the hints of three rules never offer one ordinal to two files.
 * @param holes 'close' for deployment: ordinals run from 00000 without a hole
 */
export function renameOffers(entries: readonly OrdinalEntry[], holes: 'close' | 'keep'): ReadonlyMap<string, string> {
  const { seated, waiting } = seat(entries);
  const offers = new Map<string, string>();
  let next = 0;
  for (const entry of seated) {
    const ordinal = holes === 'close' ? next : (entry.ordinal ?? next);
    next = ordinal + 1;
    offer(offers, entry, ordinal);
  }
  for (const entry of waiting) offer(offers, entry, next++);
  return offers;
}

/** Entries that keep their place in line, by ordinal; and those that have none of their own and go to the end. */
function seat(entries: readonly OrdinalEntry[]): { seated: OrdinalEntry[]; waiting: OrdinalEntry[] } {
  const byClaim = [...entries].sort(
    (a, b) =>
      (a.ordinal ?? Number.POSITIVE_INFINITY) - (b.ordinal ?? Number.POSITIVE_INFINITY) ||
      claim(a) - claim(b) ||
      compareBytewise(a.name, b.name),
  );
  const seated = new Map<number, OrdinalEntry>();
  const waiting: OrdinalEntry[] = [];
  for (const entry of byClaim) {
    if (entry.ordinal !== null && !seated.has(entry.ordinal)) seated.set(entry.ordinal, entry);
    else if (!entry.placeholder) waiting.push(entry);
  }
  return { seated: [...seated.values()], waiting };
}

/** Of two entries with one ordinal the lower keeps it: a well-named file, then a misnamed one, then what is no file. */
function claim(entry: OrdinalEntry): number {
  return entry.placeholder ? 2 : entry.faults.length > 0 ? 1 : 0;
}

function offer(offers: Map<string, string>, entry: OrdinalEntry, ordinal: number): void {
  if (ordinal > MAX_ORDINAL) return;
  const name = formatOrdinalName({ ordinal, rest: entry.rest === '' ? REST_TO_FILL_IN : entry.rest });
  if (name !== entry.name) offers.set(entry.name, name);
}
