import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, memo, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { counted } from '../ui/time-text.ts';
import type { DeploymentEvent } from './deployment.ts';
import { describeEvent } from './describe-event.ts';
import type { PastAndLive } from './use-events.ts';

const LINE_PX = 24;
const OVERSCAN = 20;
/** So near to the end somebody is at the end. */
const NEAR_PX = 40;

/** All that has happened, line by line, and what happens; goes along with the end until somebody scrolls away from it. */
export function EventLog({ past, isOver }: { readonly past: PastAndLive; readonly isOver: boolean }): JSX.Element {
  const { events, isReading, error, retry } = past;
  const [isFollowing, setFollowing] = useState(!isOver);
  const box = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
  });
  useEffect(() => {
    if (isFollowing && events.length > 0) virtualizer.scrollToIndex(events.length - 1, { align: 'end' });
  }, [isFollowing, events.length, virtualizer]);
  const stopWhenAway = (): void => {
    const element = box.current;
    if (element === null || !isFollowing) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight > NEAR_PX) setFollowing(false);
  };
  return (
    <section className="panel" aria-label="Log">
      <header>
        <span className="muted">
          {counted(events.length, 'event')}
          {isReading && ', reading…'}
        </span>
        {!isOver && (
          <span className="push row">
            <span className="small muted">{isFollowing ? 'goes along with what happens' : 'stands still'}</span>
            <Button aria-pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
              {isFollowing ? 'Stop following' : 'Follow'}
            </Button>
          </span>
        )}
      </header>
      {error !== null && <ErrorBox error={error} onRetry={retry} />}
      {events.length === 0 && !isReading && <Empty title="Nothing has happened yet" />}
      <div
        ref={box}
        className="log"
        role="log"
        aria-label="Events"
        aria-live="off"
        tabIndex={0}
        // By hand alone: what is scrolled by following must not end it.
        onWheel={stopWhenAway}
        onTouchMove={stopWhenAway}
        onKeyDown={(event) => {
          if (/^(?:ArrowUp|PageUp|Home)$/.test(event.key)) setFollowing(false);
        }}
      >
        <div className="log-lines" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const event = events[index];
            if (event === undefined) return null;
            return (
              <div
                key={event.number}
                ref={virtualizer.measureElement}
                data-index={index}
                className="log-line"
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line event={event} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

const Line = memo(function Line({ event }: { readonly event: DeploymentEvent }): JSX.Element {
  const { text, tone } = describeEvent(event);
  return (
    <>
      <time dateTime={event.at} title={event.at} className="muted">
        {CLOCK.format(Date.parse(event.at))}
      </time>
      <span data-tone={tone} className="log-text">
        {text}
      </span>
    </>
  );
});
