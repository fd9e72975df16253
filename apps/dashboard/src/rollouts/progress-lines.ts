import type { Answer } from '../api/client.ts';
import type { PlotSeries } from '../ui/plot.tsx';
import { counted } from '../ui/time-text.ts';

/** How far a rollout was over time, ready to be drawn. */
export interface ProgressLines {
  /** Ms since 1970. */
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
  /** The same in words. */
  readonly summary: string;
}

/**
 * Lines of how many had ended, how many of these failed, and how it may go on.
 * @param expectedEnd ISO 8601; null: it can't be foretold
 */
export function progressLines(
  { targets, points }: Answer<'getRolloutProgress'>,
  expectedEnd: string | null,
): ProgressLines {
  const ended = points.map(
    (point) => point.succeeded + point.skipped + point.failed + point.needs_attention + point.cancelled,
  );
  const failed = points.map((point) => point.failed + point.needs_attention);
  const last = ended.at(-1) ?? 0;
  const words = `${last.toLocaleString('en')} of ${counted(targets, 'target')} had ended, ${(failed.at(-1) ?? 0).toLocaleString('en')} of them failed or need a person.`;
  const times = points.map(({ at }) => Date.parse(at));
  const series: PlotSeries[] = [
    { title: 'Ended', tone: 'ok', values: ended },
    { title: 'Failed', tone: 'bad', values: failed },
  ];
  const end = expectedEnd === null ? Number.NaN : Date.parse(expectedEnd);
  if (!(end > (times.at(-1) ?? 0))) return { times, series, summary: words };
  return {
    times: [...times, end],
    series: [
      ...series.map((each) => ({ ...each, values: [...each.values, null] })),
      {
        title: 'Expected',
        tone: 'run',
        line: 'dashed',
        values: [...ended.slice(0, -1).map(() => null), last, targets],
      },
    ],
    summary: `${words} The end is expected at ${expectedEnd}.`,
  };
}
