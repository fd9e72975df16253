import type { Bundle, Folder, UnusableEntry } from '../bundle/bundle.ts';
import { MAX_ORDINAL, ORDINAL_DIGITS, parseOrdinalName } from '../bundle/ordinal.ts';

/** Something in a folder that runs by ordinal: a well-named file, or one that is meant as such. */
export interface OrdinalEntry {
  readonly path: string;
  readonly name: string;
  /** What is wrong with the name, in clauses that follow "because"; empty when it is right. */
  readonly faults: readonly string[];
  /** The ordinal it has, or is clearly meant to have; null when it shows none. */
  readonly ordinal: number | null;
  /** The rest of its name, or what can be kept of it; empty when nothing can. */
  readonly rest: string;
  /** It is no file at all and is reported as such; here it only keeps its ordinal from being missed. */
  readonly placeholder: boolean;
}

/** The entries of `deployment/` or `manual-deployment/` that have to do with ordinals. */
export function ordinalEntries(bundle: Bundle, folder: Folder): OrdinalEntry[] {
  const entries: OrdinalEntry[] = [];
  const add = (path: string, name: string, placeholder: boolean) => {
    if (looksLikeScript(name)) entries.push({ path, name, placeholder, ...readName(name) });
  };
  for (const { path, name, folder: own } of bundle.files) if (own === folder) add(path, name, false);
  for (const entry of bundle.unusable) if (entry.folder === folder) add(entry.path, entry.name, isNoFile(entry));
  return entries;
}

/** Whether a name is that of a script but for spaces around it and the case of its suffix. */
export function looksLikeScript(name: string): boolean {
  return name.trimEnd().slice(-4).toLowerCase() === '.sql';
}

function isNoFile(entry: UnusableEntry): boolean {
  return entry.reason === 'directory' || entry.reason === 'special';
}

const NO_FAULTS: readonly string[] = [];

function readName(name: string): Pick<OrdinalEntry, 'faults' | 'ordinal' | 'rest'> {
  const parsed = parseOrdinalName(name);
  if (parsed !== null) return { faults: NO_FAULTS, ordinal: parsed.ordinal, rest: parsed.rest };
  const trimmed = name.trim();
  const [, digits = '', separator = '', rest = ''] = /^([0-9]*)([-_.\s]?)(.*)\.sql$/is.exec(trimmed) ?? [];
  const faults = [
    ...(trimmed === name ? [] : ['it begins or ends with a space']),
    ...(trimmed.endsWith('.sql') ? [] : [`its suffix is ${trimmed.slice(-4)}, and only .sql in lower case is run`]),
    ...ordinalFaults(digits),
    ...(digits === '' ? [] : separatorFaults(separator)),
    ...restFaults(rest),
  ];
  const ordinal = digits === '' || Number(digits) > MAX_ORDINAL ? null : Number(digits);
  return { faults, ordinal, rest: rest.replace(/^[-_.\s]+|\s+$/g, '') };
}

function ordinalFaults(digits: string): string[] {
  if (digits === '') return ['it does not begin with an ordinal'];
  if (digits.length === ORDINAL_DIGITS) return [];
  const count = `${digits.length} ${digits.length === 1 ? 'digit' : 'digits'}`;
  return [`its ordinal has ${count} instead of ${ORDINAL_DIGITS}`];
}

function separatorFaults(separator: string): string[] {
  if (separator === '-') return [];
  if (separator === '_') return ['an underscore follows the ordinal where a hyphen belongs'];
  if (separator === '.') return ['a dot follows the ordinal where a hyphen belongs'];
  if (separator === '') return ['no hyphen follows the ordinal'];
  return ['a space follows the ordinal where a hyphen belongs'];
}

function restFaults(rest: string): string[] {
  if (rest.trim() === '') return ['nothing says what the file does'];
  return rest === rest.trim() ? [] : ['there is a space beside the hyphen or the suffix'];
}
