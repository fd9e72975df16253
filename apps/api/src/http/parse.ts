import { closest } from '@postgres-manager/sql-deploy';
import type { z } from 'zod';
import type { Fault } from './problem.ts';

/**
 * Parses one part of a request, adding to `faults` everything that is wrong with it.
 * @returns undefined when something is
 */
export function parsePart<T extends z.ZodType>(
  schema: T,
  value: unknown,
  part: Fault['in'],
  faults: Fault[],
): z.output<T> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const known = namesOf(schema);
  for (const issue of parsed.error.issues) faults.push(...faultsOf(issue, part, known));
  return undefined;
}

function faultsOf(issue: z.core.$ZodIssue, part: Fault['in'], known: readonly string[]): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ in: part, path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => {
    const meant = path.length === 0 ? closest(key, known) : null;
    return {
      in: part,
      path: [...path, key.slice(0, 100)].join('.'),
      message: `There is no such field${meant === null ? '.' : `: did you mean ${meant}?`}`,
    };
  });
}

function namesOf(schema: z.ZodType): string[] {
  const shape = (schema as { shape?: unknown }).shape;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}
