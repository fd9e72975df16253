import { durationText } from '../ui/time-text.ts';

/** From one moment to another, ms since 1970. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Where moments stand on a line from 0 to 1. */
export interface TimeScale {
  readonly at: (moment: number) => number;
  /** Since `zero`: at even distances, none where it would run into another. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** Stretches in which nothing went on, drawn shorter than they were. */
  readonly breaks: readonly { readonly from: number; readonly to: number; readonly durationMs: number }[];
}

/** A stretch without work that is longer than this part of all work is drawn as a break … */
const LONG_GAP = 0.25;
/** … unless it was short for anybody, … */
const SHORT_GAP_MS = 1000;
/** … as wide as this part of it. */
const BREAK_WIDTH = 0.08;
const TICKS = 6;
const TICK_SPACING = 0.1;

interface Segment extends Interval {
  readonly left: number;
  readonly width: number;
  readonly isBreak: boolean;
}

/**
 * A scale for what may have waited for days and then run for a second: work is to scale, long waits between are not.
 * @param zero what ticks count from
 * @param work when something went on
 */
export function timeScale(whole: Interval, zero: number, work: readonly Interval[]): TimeScale {
  const segments = layOut(whole, merge(work, whole));
  return {
    at: (moment) => placeIn(segments, moment),
    ticks: ticksOf(segments, zero),
    breaks: segments
      .filter(({ isBreak }) => isBreak)
      .map(({ from, to, left, width }) => ({ from: left, to: left + width, durationMs: to - from })),
  };
}

/** In order, those that touch as one, within the whole. */
function merge(intervals: readonly Interval[], whole: Interval): Interval[] {
  const sorted = intervals
    .map(({ from, to }) => ({ from: Math.max(from, whole.from), to: Math.min(to, whole.to) }))
    .filter(({ from, to }) => to >= from)
    .sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function layOut(whole: Interval, work: readonly Interval[]): Segment[] {
  const worked = work.reduce((sum, { from, to }) => sum + to - from, 0);
  const isLong = (ms: number): boolean => worked > 0 && ms > Math.max(SHORT_GAP_MS, worked * LONG_GAP);
  // Runs of work with the short gaps between them, and long gaps, in turn.
  const pieces: { from: number; to: number; isBreak: boolean }[] = [];
  let from = whole.from;
  let at = whole.from;
  for (const next of [...work, { from: whole.to, to: whole.to }]) {
    if (isLong(next.from - at)) {
      if (at > from) pieces.push({ from, to: at, isBreak: false });
      pieces.push({ from: at, to: next.from, isBreak: true });
      from = next.from;
    }
    at = next.to;
  }
  if (at > from || pieces.length === 0) pieces.push({ from, to: Math.max(at, from + 1), isBreak: false });
  const shown = pieces.reduce((sum, piece) => sum + (piece.isBreak ? 0 : piece.to - piece.from), 0) || 1;
  const weights = pieces.map((piece) => (piece.isBreak ? shown * BREAK_WIDTH : piece.to - piece.from));
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  let left = 0;
  return pieces.map((piece, index) => {
    const width = (weights[index] ?? 0) / total;
    const segment = { ...piece, left, width };
    left += width;
    return segment;
  });
}

function placeIn(segments: readonly Segment[], moment: number): number {
  const segment = segments.find(({ to }) => moment <= to) ?? segments.at(-1);
  if (segment === undefined) return 0;
  const within = (moment - segment.from) / Math.max(1, segment.to - segment.from);
  return segment.left + Math.min(1, Math.max(0, within)) * segment.width;
}

function ticksOf(segments: readonly Segment[], zero: number): { at: number; label: string }[] {
  const shown = segments.filter(({ isBreak }) => !isBreak);
  const step = niceStep(shown.reduce((sum, { from, to }) => sum + to - from, 0) / TICKS);
  const ticks: { at: number; label: string }[] = [];
  for (const segment of shown) {
    const first = Math.ceil((segment.from - zero) / step);
    const last = Math.floor((segment.to - zero) / step);
    for (let count = first; count <= last; count++) {
      const at = placeIn([segment], zero + count * step);
      const previous = ticks.at(-1);
      if (previous !== undefined && at - previous.at < TICK_SPACING) continue;
      ticks.push({ at, label: count === 0 ? '0' : tickText(count * step) });
    }
  }
  return ticks;
}

function tickText(ms: number): string {
  const text = durationText(Math.abs(ms))
    .replace(/\.0 s$/, ' s')
    .replace(/ 0 (?:s|min)$/, '');
  return ms < 0 ? `−${text}` : text;
}

const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000];
const HOUR = 3_600_000;

function niceStep(ms: number): number {
  return (
    NICE.find((step) => step >= ms) ??
    [10, 15, 30, 60].map((m) => m * 60_000).find((step) => step >= ms) ??
    Math.ceil(ms / HOUR) * HOUR
  );
}
