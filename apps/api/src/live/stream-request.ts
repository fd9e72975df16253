import { HttpProblem } from '../http/problem.ts';
import type { Input } from '../http/route.ts';

/** The header that streams go on by, for the documents. */
export const RESUME = { 'Last-Event-ID': 'The `id` of the last event received: the stream goes on behind it.' };

/** Where a stream goes on; null: at its beginning. Throws HttpProblem 400 for what is no place of this stream. */
export function placeOf(given: string | undefined, form: RegExp): string | null {
  if (given === undefined || given === '') return null;
  if (form.test(given)) return given;
  throw new HttpProblem({
    status: 400,
    code: 'request_invalid',
    detail: 'The Last-Event-ID is not one of this stream.',
    hint: 'Give the `id` of an event of this stream as it is, or begin without one.',
    errors: [{ in: 'header', path: 'last-event-id', message: 'Is not an id of this stream.' }],
  });
}

/** Whether the key that opened a stream is still good; when nobody can tell, the stream goes on. */
export async function stillAllowed(
  request: Input<unknown, unknown, unknown>['request'],
  { callers, stopping }: Input<unknown, unknown, unknown>['services'],
): Promise<boolean> {
  if (stopping.aborted) return false;
  try {
    await callers.identify(request.get('authorization'), '');
    return true;
  } catch (error) {
    return !(error instanceof HttpProblem);
  }
}
