import { closest } from '@postgres-manager/sql-deploy';
import { looksLikeDsn } from './secrecy.ts';

/** A text and what to call it in a message: `--function` or `FUNCTION`. */
export interface Source {
  readonly label: string;
  readonly text: string;
}

/** Reads a boolean: true, false, 1, 0, yes, no. Null when not given, or when it is none of these. */
export function readBoolean(source: Source | null, faults: string[]): boolean | null {
  if (source === null) return null;
  const text = source.text.toLowerCase();
  if (text === 'true' || text === '1' || text === 'yes') return true;
  if (text === 'false' || text === '0' || text === 'no') return false;
  faults.push(`${source.label} must be true or false (or 1, 0, yes, no)`);
  return null;
}

/** Reads one of a few words. */
export function readChoice<T extends string>(source: Source | null, choices: readonly T[], faults: string[]): T | null {
  if (source === null) return null;
  const found = choices.find((choice) => choice === source.text);
  if (found !== undefined) return found;
  const meant = closest(source.text, choices);
  faults.push(`${source.label} must be ${choices.join(' or ')}${meant === null ? '' : `: did you mean ${meant}?`}`);
  return null;
}

/** The unit a time is given in, and the most that is taken: beyond it lies a slip of the keyboard. */
export interface TimeRule {
  readonly unit: 'seconds' | 'milliseconds';
  readonly max: number;
}

/** Reads a time; gives milliseconds. Seconds may have a fraction. */
export function readTimeMs(source: Source | null, rule: TimeRule, faults: string[]): number | null {
  if (source === null) return null;
  const shape = rule.unit === 'seconds' ? /^\d{1,12}(\.\d{1,6})?$/ : /^\d{1,12}$/;
  const number = shape.test(source.text) ? Number(source.text) : Number.NaN;
  if (number >= 0 && number <= rule.max) return Math.round(rule.unit === 'seconds' ? number * 1000 : number);
  faults.push(`${source.label} must be a number of ${rule.unit} from 0 to ${rule.max}`);
  return null;
}

/** Reads an ordinal: 12 and 00012 are the same. */
export function readOrdinal(source: Source | null, faults: string[]): number | null {
  if (source === null) return null;
  if (/^\d{1,5}$/.test(source.text)) return Number(source.text);
  faults.push(`${source.label} must be an ordinal of one to five digits, such as 12 or 00012`);
  return null;
}

/** Reads a free text, and refuses what may hold a secret: it would be printed, or kept in the ledger. */
export function readText(source: Source | null, maxLength: number, faults: string[]): string | null {
  if (source === null) return null;
  const fault = looksLikeDsn(source.text)
    ? 'looks like a DSN, which goes after --postgres-dsn (its value is not shown here)'
    : source.text.length > maxLength
      ? `is longer than ${maxLength} characters`
      : hasControlCharacter(source.text)
        ? 'holds control characters'
        : null;
  if (fault === null) return source.text;
  faults.push(`${source.label} ${fault}`);
  return null;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
