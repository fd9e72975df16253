const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait before the next try: growing, and by chance, so that many do not come back at the same moment. */
export function pauseBefore(nextTry: number): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (nextTry - 1));
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/** What a `Retry-After` in seconds asks for, in ms; null without one (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
