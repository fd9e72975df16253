const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** A moment as people think of it: `12 s ago`, `3 h ago`, `in 5 min`; the date when it is more than 30 days away. */
export function relativeTime(iso: string | null, now: number): string {
  const ms = Date.parse(iso ?? '');
  if (iso === null || Number.isNaN(ms)) return '-';
  const seconds = Math.round(Math.abs(now - ms) / 1000);
  if (seconds > 30 * DAY) return iso.slice(0, 10);
  // Clocks differ by a little: what has happened is not in the future.
  const isAhead = ms - now > 5_000;
  if (!isAhead && seconds < 2) return 'now';
  const text = amount(seconds);
  return isAhead ? `in ${text}` : `${text} ago`;
}

function amount(seconds: number): string {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}
