import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/**
 * What is to be shown of the time that it is: one clock for the whole page, and nothing is drawn anew while `shown`
 * stays the same.
 */
export function useClock<T extends string | number>(shown: (now: number) => T): T {
  return useSyncExternalStore(subscribe, () => shown(timer === null ? Date.now() : now));
}
