export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** When targets may be started: from one time of the day to another, on the days on which it begins. */
export interface Window {
  readonly days: readonly Day[];
  /** `22:00` */
  readonly from: string;
  /** `04:00`; at or before `from` it is that of the next day. */
  readonly to: string;
  /** As the IANA names it: `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Where a moment stands to a window; times in ms since 1970. */
export type WindowPlace =
  | { readonly isOpen: true; readonly closesAt: number }
  | { readonly isOpen: false; readonly opensAt: number };

const DAY_MS = 86_400_000;

/** Whether a window is open, and until or from when. One that opens at the moment at which it closes stays open. */
export function placeInWindow(window: Window, now: number): WindowPlace {
  const place = placeInOne(window, now);
  if (!place.isOpen) return place;
  let { closesAt } = place;
  for (let day = 0; day < 7; day++) {
    const next = placeInOne(window, closesAt);
    if (!next.isOpen) break;
    closesAt = next.closesAt;
  }
  return { isOpen: true, closesAt };
}

function placeInOne(window: Window, now: number): WindowPlace {
  const today = localMidnight(now, window.timeZone);
  let opensAt = Number.POSITIVE_INFINITY;
  // One that began yesterday may still be open; after a week every window has come round.
  for (let offset = -1; offset <= 8; offset++) {
    const day = today + offset * DAY_MS;
    if (!window.days.includes(DAYS[(new Date(day).getUTCDay() + 6) % 7] as Day)) continue;
    const from = day + minutesOf(window.from) * 60_000;
    const to = day + minutesOf(window.to) * 60_000 + (minutesOf(window.to) <= minutesOf(window.from) ? DAY_MS : 0);
    const opens = instantOf(from, window.timeZone);
    const closes = instantOf(to, window.timeZone);
    if (now >= opens && now < closes) return { isOpen: true, closesAt: closes };
    if (opens > now) opensAt = Math.min(opensAt, opens);
  }
  return { isOpen: false, opensAt };
}

/** True for a time zone that is known here. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The clock on the wall there, written as if it were UTC. */
function localOf(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

function localMidnight(now: number, timeZone: string): number {
  const local = localOf(now, timeZone);
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
}

/**
 * The moment at which the wall there shows a time. A time that is left out when clocks go forward is the moment of the
 * change; of one that comes twice it is the first.
 */
function instantOf(local: number, timeZone: string): number {
  const offsets = [local - DAY_MS, local + DAY_MS].map((near) => localOf(near, timeZone) - near);
  const candidates = offsets.map((offset) => local - offset).sort((a, b) => a - b);
  const exact = candidates.find((candidate) => localOf(candidate, timeZone) === local);
  if (exact !== undefined) return exact;
  let [before = 0, after = 0] = candidates;
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (localOf(middle, timeZone) < local) before = middle;
    else after = middle;
  }
  return after;
}
