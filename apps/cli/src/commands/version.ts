import { readFile } from 'node:fs/promises';
import { type Outcome, outcomeOf } from '../outcome.ts';

/** Prints the version of this app. */
export async function runVersion(): Promise<Outcome> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return outcomeOf({ status: 'succeeded' }, { version }, () => [version]);
}
