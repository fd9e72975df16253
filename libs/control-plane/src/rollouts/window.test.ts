import { describe, expect, test } from 'vitest';
import { isTimeZone, placeInWindow, type Window } from './window.ts';

const NIGHT: Window = { days: ['mon', 'tue', 'wed', 'thu'], from: '22:00', to: '04:00', timeZone: 'Europe/Berlin' };
const at = (iso: string): number => Date.parse(iso);
const place = (window: Window, iso: string): string => {
  const found = placeInWindow(window, at(iso));
  return found.isOpen
    ? `open until ${new Date(found.closesAt).toISOString()}`
    : `opens ${new Date(found.opensAt).toISOString()}`;
};

describe('a window', () => {
  test.each([
    // A Wednesday in winter: Berlin is an hour ahead.
    ['before it opens', '2026-01-14T20:59:59Z', 'opens 2026-01-14T21:00:00.000Z'],
    ['at its first moment', '2026-01-14T21:00:00Z', 'open until 2026-01-15T03:00:00.000Z'],
    ['past midnight', '2026-01-15T02:59:59Z', 'open until 2026-01-15T03:00:00.000Z'],
    ['at its end', '2026-01-15T03:00:00Z', 'opens 2026-01-15T21:00:00.000Z'],
    ['over the days without one', '2026-01-16T12:00:00Z', 'opens 2026-01-19T21:00:00.000Z'],
    ['that began on the day before', '2026-01-16T01:00:00Z', 'open until 2026-01-16T03:00:00.000Z'],
  ])('%s', (_, now, said) => {
    expect(place(NIGHT, now)).toBe(said);
  });

  test('keeps the clock on the wall when clocks change', () => {
    const sunday: Window = { days: ['sun'], from: '02:30', to: '05:00', timeZone: 'Europe/Berlin' };
    // 02:30 is left out on 29 March 2026: the clock goes from 02:00 to 03:00 at 01:00 UTC.
    expect(place(sunday, '2026-03-28T12:00:00Z')).toBe('opens 2026-03-29T01:00:00.000Z');
    // 02:30 comes twice on 25 October 2026; the first is in summer time.
    expect(place(sunday, '2026-10-24T12:00:00Z')).toBe('opens 2026-10-25T00:30:00.000Z');
    expect(place(sunday, '2026-10-25T01:00:00Z')).toBe('open until 2026-10-25T04:00:00.000Z');
  });

  test('that goes round the clock is one, and not seven', () => {
    const always: Window = { ...NIGHT, days: ['mon', 'tue'], from: '00:00', to: '00:00', timeZone: 'UTC' };
    expect(place(always, '2026-01-12T12:00:00Z')).toBe('open until 2026-01-14T00:00:00.000Z');
  });
});

test('only time zones that there are', () => {
  expect(['UTC', 'Asia/Kolkata'].every(isTimeZone)).toBe(true);
  expect(isTimeZone('Europe/Atlantis')).toBe(false);
});
