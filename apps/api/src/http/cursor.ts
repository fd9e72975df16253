import { z } from 'zod';
import { HttpProblem } from './problem.ts';

const digits = z.string().regex(/^\d{1,18}$/);
/** The place in a list that goes by creation, the newest first. */
export const placeByCreation = z.strictObject({ createdMicros: digits, seq: digits });

/** A place in a list, opaque to whoever gets it. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws HttpProblem 400 for what is no cursor of ours */
export function decodeCursor<T extends z.ZodType>(schema: T, cursor: string | undefined): z.output<T> | null {
  if (cursor === undefined) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Told below.
  }
  throw new HttpProblem({
    status: 400,
    code: 'request_invalid',
    detail: 'The cursor is not one that this list gave.',
    hint: 'Give `nextCursor` of the page before as it is, or begin without one.',
    errors: [{ in: 'query', path: 'cursor', message: 'Is not a cursor of this list.' }],
  });
}
