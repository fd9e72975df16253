import { setTimeout as pause } from 'node:timers/promises';

export { pause };

const LOOK_EVERY_MS = 20;

/**
 * Looks again and again until what is seen is as wanted.
 * @throws Error with what was seen last, when it is not so in time
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  isWanted: (seen: T) => boolean,
  withinMs: number,
): Promise<T> {
  const seen = await seenWithin(look, isWanted, withinMs);
  if (isWanted(seen)) return seen;
  throw new Error(`${what}: not so within ${withinMs} ms; seen last: ${JSON.stringify(seen)?.slice(0, 2000)}`);
}

/** The same, for who judges by what is seen in the end. */
export async function seenWithin<T>(
  look: () => Promise<T> | T,
  isWanted: (seen: T) => boolean,
  withinMs: number,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isWanted(seen) || performance.now() > deadline) return seen;
    await pause(LOOK_EVERY_MS);
  }
}

/** Does so many things at a time. */
export async function forEachOf<T>(items: Iterable<T>, atOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
