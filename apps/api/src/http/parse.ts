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
  for (const issue of parsed.error.issues) faults.push(...faultsOf(issue, part, schema, value));
  return undefined;
}

function faultsOf(issue: z.core.$ZodIssue, part: Fault['in'], schema: z.ZodType, value: unknown): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') {
    return [{ in: part, path: path.join('.'), message: messageOf(issue, valueAt(value, path)) }];
  }
  const known = namesAt(schema, path);
  return issue.keys.map((key) => {
    const meant = closest(key, known);
    return {
      in: part,
      path: [...path, key.slice(0, 100)].join('.'),
      message: `There is no such field${meant === null ? '.' : `: did you mean ${meant}?`}`,
    };
  });
}

/** What is given is never repeated: it may be a secret. */
function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (given === undefined && issue.code !== 'custom') return 'Is missing.';
  if (issue.code !== 'invalid_value' || typeof given !== 'string') return issue.message;
  const meant = closest(given, issue.values.map(String));
  return meant === null ? issue.message : `${issue.message} Did you mean ${meant}?`;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, name)
        ? (part as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** The fields of the object at a path of the schema; none where there is no such object. */
function namesAt(schema: unknown, path: readonly string[]): string[] {
  const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown };
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(shape ?? {});
  const next = shape?.[first] ?? element;
  return next === undefined ? [] : namesAt(next, rest);
}
