import { nextFreeOrdinal, parseOrdinalName } from '@postgres-manager/sql-deploy';
import { CommandError } from './stop.ts';

const MAX_SLUG_LENGTH = 80;

/**
 * The part of a file name that follows its ordinal: lower case, words joined by `-`.
 * @throws CommandError usage, for names that are paths, carry an ordinal, or leave nothing to name a file by
 */
export function slugOf(name: string): string {
  // `:`, `@` and `=` are no part of a name, but of a DSN: what is printed afterwards must not be one.
  if (/[/\\:@=\p{Cc}]/u.test(name)) throw refused('the name of a file can not hold a path, nor any of / \\ : @ =');
  const bare = name.replace(/\.sql$/i, '');
  if (/^\s*\d{5}(-|$)/.test(bare))
    throw refused('the ordinal is put in front by this command: give the name without it');
  const slug = bare
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  if (slug === '') throw refused('the name needs at least one letter (a to z) or digit');
  if (slug.length > MAX_SLUG_LENGTH) throw refused(`the name is longer than ${MAX_SLUG_LENGTH} characters`);
  return slug;
}

/**
 * The ordinal after the highest one in a folder; 0 for an empty folder.
 * @throws CommandError usage, when 99999 is taken
 */
export function nextOrdinal(names: readonly string[]): number {
  const next = nextFreeOrdinal(names.flatMap((name) => parseOrdinalName(name)?.ordinal ?? []));
  if (next === null) throw refused('the highest ordinal, 99999, is taken');
  return next;
}

/** What a new file begins with. */
export function fileHeader(name: string, folder: 'deployment' | 'manual-deployment'): string {
  const about =
    folder === 'manual-deployment'
      ? [
          'Repairs an instance by hand; runs once on each instance it is sent to, with',
          '  postgres-manager --function deployment --manual-deployment',
        ]
      : [
          'Runs once on each instance, in one transaction with its row in the ledger.',
          'Make the same change in create/, so that a new instance starts with it.',
        ];
  const title = `${name.replace(/\.sql$/, '')}: what this changes, and why.`;
  return `${[`-- ${title}`, '--', ...about.map((line) => `-- ${line}`)].join('\n')}\n\n`;
}

function refused(message: string): CommandError {
  return new CommandError('usage', message, 'Example: postgres-manager new "add users"');
}
