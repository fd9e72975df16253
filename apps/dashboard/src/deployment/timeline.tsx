import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, memo, useMemo, useRef } from 'react';
import { useClock } from '../ui/clock.ts';
import { durationText } from '../ui/time-text.ts';
import { useMedia } from '../ui/use-media.ts';
import { useScrollMargin } from '../ui/use-scroll-margin.ts';
import { type Deployment, type DeploymentEvent, isFinal } from './deployment.ts';
import { TimelineLabel, timelineLength, timelineTone } from './timeline-label.tsx';
import { type TimelineRow, timelineRows, workOf } from './timeline-rows.ts';
import { type TimeScale, timeScale } from './time-scale.ts';

const ROW_PX = 30;
const NARROW_ROW_PX = 48;
const OVERSCAN = 12;

/** From asking to end: its waits, its attempts, and each of its steps, against time. */
export function Timeline({
  deployment,
  events,
}: {
  readonly deployment: Deployment;
  readonly events: readonly DeploymentEvent[];
}): JSX.Element {
  const rows = useMemo(() => timelineRows(deployment, events), [deployment, events]);
  const { scale, now } = useScale(deployment, rows);
  const isNarrow = useMedia('(max-width: 48rem)');
  const body = useRef<HTMLDivElement>(null);
  const offset = useScrollMargin(body);
  const rowPx = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollMargin: offset,
  });
  const place = rows.findIndex(
    (row) => row.kind === 'step' && /^(?:running|failed|needs_attention)$/.test(row.step.status),
  );
  return (
    <div className="panel timeline">
      <Progress
        deployment={deployment}
        events={events}
        onShow={place === -1 ? null : () => virtualizer.scrollToIndex(place, { align: 'center' })}
      />
      <Axis scale={scale} />
      <div
        ref={body}
        role="list"
        aria-label="Timeline"
        className="timeline-body"
        style={{ height: rows.length * rowPx }}
      >
        {virtualizer.getVirtualItems().map(({ index }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <Row
              key={index}
              row={row}
              index={index}
              count={rows.length}
              height={rowPx}
              scale={scale}
              now={now}
              bundle={deployment.bundle}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The scale up to now, or to the end. */
function useScale(
  { createdAt, startedAt, finishedAt, status }: Deployment,
  rows: readonly TimelineRow[],
): { scale: TimeScale; now: number } {
  const ended = isFinal(status) && finishedAt !== null ? Date.parse(finishedAt) : null;
  const now = useClock((moment) => ended ?? moment);
  const scale = useMemo(() => {
    const from = Date.parse(createdAt);
    const zero = startedAt === null ? from : Date.parse(startedAt);
    // Clocks of workers and of this page are not quite the same.
    return timeScale({ from, to: Math.max(now, from + 1) }, zero, workOf(rows, now));
  }, [createdAt, startedAt, rows, now]);
  return { scale, now };
}

function Axis({ scale }: { readonly scale: TimeScale }): JSX.Element {
  return (
    <div className="timeline-row timeline-axis" aria-hidden="true">
      <span className="muted small">since its beginning</span>
      <span />
      <span className="timeline-track">
        {scale.ticks.map(({ at, label }) => (
          <span key={at} className="tick small muted" data-last={at > 0.92} style={{ left: `${at * 100}%` }}>
            {label}
          </span>
        ))}
      </span>
    </div>
  );
}

const Row = memo(function Row({
  row,
  index,
  count,
  height,
  scale,
  now,
  bundle,
}: {
  readonly row: TimelineRow;
  readonly index: number;
  readonly count: number;
  readonly height: number;
  readonly scale: TimeScale;
  readonly now: number;
  readonly bundle: string;
}): JSX.Element {
  const length = timelineLength(row, now);
  return (
    <div
      role="listitem"
      aria-setsize={count}
      aria-posinset={index + 1}
      className="timeline-row"
      data-kind={row.kind}
      style={{ height, transform: `translateY(${index * height}px)` }}
    >
      <span className="timeline-label">
        <TimelineLabel row={row} bundle={bundle} />
      </span>
      <span className="timeline-length small muted">{length === null ? '' : durationText(length)}</span>
      <span className="timeline-track" aria-hidden="true">
        {scale.breaks.map((gap) => (
          <span
            key={gap.from}
            className="gap"
            style={{ left: `${gap.from * 100}%`, width: `${(gap.to - gap.from) * 100}%` }}
          />
        ))}
        <Bar row={row} scale={scale} now={now} />
      </span>
    </div>
  );
});

function Bar({
  row,
  scale,
  now,
}: {
  readonly row: TimelineRow;
  readonly scale: TimeScale;
  readonly now: number;
}): JSX.Element | null {
  if (row.kind === 'more' || row.from === null) return null;
  const left = scale.at(row.from);
  if (row.kind === 'note')
    return <span className="dot" data-tone={timelineTone(row)} style={{ left: `${left * 100}%` }} />;
  const right = scale.at(row.to ?? now);
  return (
    <span
      className="bar"
      data-tone={timelineTone(row)}
      data-kind={row.kind}
      data-open={row.to === null}
      style={{ left: `${left * 100}%`, width: `${Math.max(0, right - left) * 100}%` }}
    />
  );
}

/** How far it is, in numbers; leads to where something is under way or went wrong. */
function Progress({
  deployment: { steps, dryRun },
  events,
  onShow,
}: {
  readonly deployment: Deployment;
  readonly events: readonly DeploymentEvent[];
  readonly onShow: (() => void) | null;
}): JSX.Element | null {
  if (steps.length === 0) return null;
  const applied = steps.filter(({ status }) => status === 'applied').length;
  const current = steps.find(({ status }) => status === 'running');
  return (
    <div className="timeline-progress">
      <div className="row">
        <span>
          <strong>{applied.toLocaleString('en')}</strong> of {steps.length.toLocaleString('en')}{' '}
          {dryRun ? 'steps planned, none is run' : steps.length === 1 ? 'step applied' : 'steps applied'}
        </span>
        {current !== undefined && (
          <span className="muted cut">
            <code>{current.path}</code>
            {statementOf(current.path, events)}
          </span>
        )}
        {onShow !== null && steps.length > 20 && (
          <button type="button" className="button push" data-kind="quiet" onClick={onShow}>
            {current === undefined ? 'Show where it stopped' : 'Show the step that runs'}
          </button>
        )}
      </div>
      {!dryRun && (
        <div
          className="progress"
          role="progressbar"
          aria-label="Steps applied"
          aria-valuemin={0}
          aria-valuemax={steps.length}
          aria-valuenow={applied}
        >
          <span style={{ width: `${(applied / steps.length) * 100}%` }} />
        </div>
      )}
    </div>
  );
}

function statementOf(path: string, events: readonly DeploymentEvent[]): string {
  const latest = events.findLast(({ type, data }) => type.startsWith('step_') && data['path'] === path);
  return latest?.type === 'step_progress'
    ? `, statement ${String(latest.data['statement'])} of ${String(latest.data['statements'])}`
    : '';
}
