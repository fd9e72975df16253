import type { JSX } from 'react';
import { useClock } from './clock.ts';
import { durationText, relativeTime } from './time-text.ts';

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** When, from now; the time itself is its title. */
export function Time({ at }: { readonly at: string }): JSX.Element {
  const moment = Date.parse(at);
  const text = useClock((now) => relativeTime(moment, now));
  return (
    <time dateTime={at} title={ABSOLUTE.format(moment)} className="nowrap">
      {text}
    </time>
  );
}

/** How long from one time to another; without an end it counts on. */
export function Duration({ from, to }: { readonly from: string; readonly to: string | null }): JSX.Element {
  const start = Date.parse(from);
  const text = useClock((now) => {
    const ms = (to === null ? now : Date.parse(to)) - start;
    return durationText(to === null && ms < 10_000 ? Math.floor(ms / 1000) * 1000 : ms);
  });
  return <span className="nowrap">{text}</span>;
}
