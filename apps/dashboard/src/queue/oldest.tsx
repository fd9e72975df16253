import type { JSX } from 'react';
import { useClock } from '../ui/clock.ts';
import { Duration, Time } from '../ui/time.tsx';

/** For how long the oldest of some has waited; of those whose time is yet to come, when the next one is due. */
export function Oldest({ at, isOne }: { readonly at: string; readonly isOne: boolean }): JSX.Element {
  const isDue = useClock((now) => (Date.parse(at) <= now ? 1 : 0)) === 1;
  if (!isDue) {
    return (
      <>
        {!isOne && 'the next '}
        <Time at={at} />
      </>
    );
  }
  return (
    <>
      {!isOne && 'the oldest '}for <Duration from={at} to={null} />
    </>
  );
}
