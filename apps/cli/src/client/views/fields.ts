import type { Problem, RuleName } from '@postgres-manager/sql-deploy';
import { strangeAnswer } from '../service/service-error.ts';

/** An object of an answer: what its fields hold is not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws ServiceError service_answer */
export function expectRecord(value: unknown, what: string): Fields {
  if (isRecord(value)) return value;
  throw strangeAnswer(`${what} is missing`);
}

/** A text that there must be. @throws ServiceError service_answer */
export function expectText(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw strangeAnswer(`\`${name}\` is missing`);
}

/** A text, or null where there is none. */
export function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

/** A number, or null where there is none. */
export function numberIn(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function recordIn(fields: Fields, name: string): Fields | null {
  const value = fields[name];
  return isRecord(value) ? value : null;
}

/** The objects of a list; what is no object is left out. */
export function recordsIn(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The texts of a list; what is no text is left out. */
export function textsIn(fields: Fields, name: string): string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** Labels as people write them: `env=staging region=eu`. */
export function labelsText(fields: Fields): string {
  return Object.entries(recordIn(fields, 'labels') ?? {})
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** Findings of the validator; what has no message is left out. */
export function readProblems(value: unknown): Problem[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap((fields) => {
    const message = textIn(fields, 'message');
    if (message === null) return [];
    return [
      {
        // A newer service may have rules that this command does not know: they are only shown.
        rule: (textIn(fields, 'rule') ?? 'problem') as RuleName,
        path: textIn(fields, 'path') ?? '',
        line: numberIn(fields, 'line'),
        column: numberIn(fields, 'column'),
        message,
        hint: textIn(fields, 'hint') ?? '',
        sourceLine: textIn(fields, 'sourceLine'),
      },
    ];
  });
}
