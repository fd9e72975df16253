import { useEffect, useRef } from 'react';

const ASK_AGAIN_MS = 1500;

/** Asks again and again until something is done: who waits before the page is not to wait for an event that was missed. */
export function useUntil(isDone: boolean, ask: () => void): void {
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (isDone) return undefined;
    const timer = setInterval(() => latest.current(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isDone]);
}
