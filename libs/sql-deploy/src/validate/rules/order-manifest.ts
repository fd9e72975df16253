import type { Bundle, BundleFile } from '../../bundle/bundle.ts';
import { baseNameOf, isScript, ORDER_MANIFEST, parentOf } from '../../bundle/file-kind.ts';
import { isPosition, type ManifestEntry, readOrderManifest } from '../../bundle/order-manifest.ts';
import { positionAtByte } from '../../sql/source-position.ts';
import { closest } from '../did-you-mean.ts';
import type { Problem } from '../problem.ts';
import type { Rule } from '../rule.ts';
import { isCleanText } from './encoding.ts';

/**
 * Rule order-manifest: an `order.json` is one JSON object from file names to positions; the positions are distinct
 * whole numbers from 1, every name is that of a `.sql` file beside it, and every `.sql` file is listed once.
 */
export const orderManifest: Rule = (bundle) =>
  bundle.files
    .filter(
      (file) => file.folder === 'create' && parentOf(file.name) !== '' && baseNameOf(file.name) === ORDER_MANIFEST,
    )
    .filter((file) => isCleanText(file.bytes))
    .flatMap((file) => checkManifest(file, scriptsBeside(bundle, file)));

/** How many misspelt names a nearest file is looked for: beyond that the file is no typing error. */
const MAX_GUESSES = 100;

interface Listing {
  readonly file: BundleFile;
  readonly text: string;
  readonly scripts: ReadonlySet<string>;
  readonly entries: readonly ManifestEntry[];
}

function checkManifest(file: BundleFile, scripts: ReadonlySet<string>): Problem[] {
  // The decoder drops a byte order mark; `place` counts it in again.
  const text = new TextDecoder('utf-8').decode(file.bytes);
  const reading = readOrderManifest(text);
  if (!reading.ok) {
    const hint = 'Mend it at this place. The file is one JSON object, such as {"tbl_a.sql": 1, "tbl_b.sql": 2}.';
    const message = `This order.json cannot be read: ${lowerFirst(reading.message)}.`;
    return [{ ...place(file, text, reading.index), message, hint }];
  }
  const listing: Listing = { file, text, scripts, entries: reading.entries };
  const { problems, meant } = checkNames(listing);
  return [...problems, ...checkPositions(listing), ...checkCompleteness(listing, meant)];
}

/** @returns also the files that misspelt names most likely mean, which are then not reported as left out */
function checkNames(listing: Listing): { problems: Problem[]; meant: ReadonlySet<string> } {
  const { file, text, scripts, entries } = listing;
  const listed = new Set(entries.map((entry) => entry.name));
  const left = new Set([...scripts].filter((name) => !listed.has(name)));
  const meant = new Set<string>();
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { name, nameIndex } of entries) {
    const add = (message: string, hint: string) => problems.push({ ...place(file, text, nameIndex), message, hint });
    if (seen.has(name)) {
      add(`${quoted(name)} is listed twice.`, 'Keep the line with the position that is meant, and take the other out.');
    } else if (!scripts.has(name)) {
      const near = problems.length < MAX_GUESSES ? closest(name, left) : null;
      if (near !== null) {
        meant.add(near);
        left.delete(near);
      }
      add(unknownName(name), unknownHint(name, near));
    }
    seen.add(name);
  }
  return { problems, meant };
}

function unknownName(name: string): string {
  const shown = quoted(name);
  if (name === ORDER_MANIFEST) return 'order.json lists itself, but it is not a script.';
  if (name.includes('/')) return `${shown} has a slash: only files beside this order.json are listed.`;
  if (!isScript(name)) return `${shown} does not end in .sql, so it is no script.`;
  return `There is no file ${shown} beside this order.json.`;
}

function unknownHint(name: string, near: string | null): string {
  if (near !== null) return `Did you mean ${quoted(near)}?`;
  return isScript(name) && !name.includes('/') ? 'Take the line out, or add the file.' : 'Take the line out.';
}

function checkPositions({ file, text, entries }: Listing): Problem[] {
  const holders = new Map<number, string>();
  const problems: Problem[] = [];
  let free = freePosition(entries);
  for (const { name, value, valueIndex } of entries) {
    const add = (message: string, hint: string) => problems.push({ ...place(file, text, valueIndex), message, hint });
    if (!isPosition(value)) {
      add(`The position of ${quoted(name)} is not a whole number from 1.`, positionHint(value, free++));
      continue;
    }
    const holder = holders.get(value);
    if (holder === undefined) holders.set(value, name);
    else if (holder !== name) {
      const message = `Position ${value} is given to ${quoted(holder)} and to ${quoted(name)}.`;
      add(message, `Give each file a position of its own; ${free++} is free.`);
    }
  }
  return problems;
}

function positionHint(value: unknown, free: number): string {
  const asNumber = typeof value === 'string' ? Number(value) : Number.NaN;
  if (isPosition(asNumber)) return `Write ${asNumber} without the quotes.`;
  return `Write a number such as ${free}. Positions need not follow each other: 10, 20, 30 are fine.`;
}

function checkCompleteness({ file, text, scripts, entries }: Listing, meant: ReadonlySet<string>): Problem[] {
  const listed = new Set(entries.map((entry) => entry.name));
  let free = freePosition(entries);
  return [...scripts]
    .filter((name) => !listed.has(name) && !meant.has(name))
    .map((name) => ({
      ...place(file, text, text.indexOf('{')),
      message: `${quoted(name)} lies beside this order.json and is not listed in it, so its place in the order is not known.`,
      hint: `Add it, for example as ${quoted(name)}: ${free++}.`,
    }));
}

function freePosition(entries: readonly ManifestEntry[]): number {
  let highest = 0;
  for (const { value } of entries) if (isPosition(value) && value > highest) highest = value;
  return highest + 1;
}

/** Names of the scripts beside a file, those that could not be read included: they are reported once, elsewhere. */
function scriptsBeside(bundle: Bundle, file: BundleFile): Set<string> {
  const parent = parentOf(file.path);
  const siblings = [...bundle.files, ...bundle.unusable.filter((entry) => entry.reason !== 'directory')]
    .filter((entry) => parentOf(entry.path) === parent && isScript(entry.path))
    .map((entry) => baseNameOf(entry.path));
  return new Set(siblings);
}

function place(file: BundleFile, text: string, index: number): Omit<Problem, 'message' | 'hint'> {
  const bomLength = file.bytes[0] === 0xef && file.bytes[1] === 0xbb && file.bytes[2] === 0xbf ? 3 : 0;
  const offset = bomLength + Buffer.byteLength(text.slice(0, index));
  const { line, column, sourceLine } = positionAtByte(file.bytes, offset);
  return { rule: 'order-manifest', path: file.path, line, column, sourceLine };
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
