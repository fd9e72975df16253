/** The name of a deployment or manual-deployment file, taken apart: `00012-add-x.sql`. */
export interface OrdinalName {
  readonly ordinal: number;
  /** What stands between the hyphen and `.sql`: `add-x`. */
  readonly rest: string;
}

export const ORDINAL_DIGITS = 5;
export const MAX_ORDINAL = 99_999;

const ORDINAL_NAME = /^([0-9]{5})-(\S|\S.*\S)\.sql$/su;

/** Reads `<5 digits>-<rest>.sql`; null when the name is not of that form. */
export function parseOrdinalName(name: string): OrdinalName | null {
  const match = ORDINAL_NAME.exec(name);
  return match === null ? null : { ordinal: Number(match[1]), rest: match[2] ?? '' };
}

/** Five digits: `00012`. */
export function formatOrdinal(ordinal: number): string {
  return String(ordinal).padStart(ORDINAL_DIGITS, '0');
}

/** The inverse of `parseOrdinalName`: `00012-add-x.sql`. */
export function formatOrdinalName({ ordinal, rest }: OrdinalName): string {
  return `${formatOrdinal(ordinal)}-${rest}.sql`;
}

/** One above the highest that is taken, 0 when none is; null when 99999 is taken. */
export function nextFreeOrdinal(taken: Iterable<number>): number | null {
  let next = 0;
  for (const ordinal of taken) next = Math.max(next, ordinal + 1);
  return next > MAX_ORDINAL ? null : next;
}
