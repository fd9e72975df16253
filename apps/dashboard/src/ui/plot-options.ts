import type uPlot from 'uplot';
import type { Tone } from './status.ts';

/** One line of a plot. */
export interface PlotSeries {
  readonly title: string;
  readonly tone: Tone;
  /** One for each time; null where nothing is known. */
  readonly values: readonly (number | null)[];
  /**
   * So that two of them can be told apart without colours. Below a solid one its area is filled; the others go straight
   * over what is not known, from one value to the next.
   */
  readonly line?: 'solid' | 'dashed' | 'dotted';
}

const DASHES = { solid: [], dashed: [6, 4], dotted: [2, 3] } as const;
/** Whole numbers alone: what is counted has no halves. */
const STEPS = [1, 2, 5]
  .flatMap((step) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((by) => step * by))
  .sort((a, b) => a - b);
const DAY_S = 86_400;
const MINUTE_S = 60;

/**
 * What uPlot is told. Colours are asked for at each drawing, so that a change of theme needs no new plot.
 * @param colourOf resolves a custom property, such as `--line`, to a colour that a canvas takes
 * @param most the top of the axis; null: the largest value
 */
export function plotOptions(
  series: readonly PlotSeries[],
  size: { readonly width: number; readonly height: number },
  colourOf: (property: string) => string,
  most: number | null,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const axis = {
    stroke: () => colourOf('--muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    ...size,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false, setScale: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, most ?? high)] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        values: (_plot, splits, _axis, _space, step) => splits.map((at) => axisTime(at, step)),
      },
      { ...axis, size: 48, space: 32, incrs: STEPS, values: (_plot, splits) => splits.map(countText) },
    ],
    series: [
      {},
      ...series.map(
        ({ title, tone, line = 'solid' }): uPlot.Series => ({
          label: title,
          stroke: () => colourOf(`--${tone}`),
          ...(line === 'solid'
            ? { fill: () => colourOf(`--${tone}-soft`) }
            : { dash: [...DASHES[line]], spanGaps: true }),
          width: 1.5,
          points: { show: false },
        }),
      ),
    ],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
  };
}

function countText(value: number): string {
  return value.toLocaleString('en');
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const EXACT = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });

/** As short as what stands beside it allows: a day, a time of day, or that with seconds. */
function axisTime(seconds: number, step: number): string {
  const at = seconds * 1000;
  if (step >= DAY_S || CLOCK.format(at) === '00:00') return DAY.format(at);
  return step >= MINUTE_S ? CLOCK.format(at) : EXACT.format(at);
}

/** A moment in full, for a legend or a table. */
export function momentText(at: number): string {
  return MOMENT.format(at);
}
