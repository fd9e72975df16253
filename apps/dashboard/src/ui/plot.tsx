import { type JSX, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { momentText, plotOptions, type PlotSeries } from './plot-options.ts';
import './plot.css';

export type { PlotSeries } from './plot-options.ts';

const MOST_ROWS = 25;

/**
 * Numbers over time, as lines. What it shows is said in words as well (`summary`), and is a table when it is asked for.
 * Below the pointer the legend tells the numbers of that moment, else those of the end.
 */
export function Plot({
  title,
  summary,
  times,
  series,
  most = null,
  height = 200,
}: {
  readonly title: string;
  /** What it says, for those who do not see it: a sentence or two. */
  readonly summary: string;
  /** Ascending; ms since 1970. */
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
  /** The top of the axis; null: the largest value. */
  readonly most?: number | null;
  /** In px. */
  readonly height?: number;
}): JSX.Element {
  const [cursor, setCursor] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const drawing = useDrawing({ times, series, most, height, onCursor: setCursor });
  return (
    <figure className="plot" aria-label={title}>
      <Legend times={times} series={series} cursor={cursor} />
      <div className="plot-drawing" role="img" aria-label={summary} ref={drawing} style={{ height }} />
      <details onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary className="small muted">As a table</summary>
        {isTable && <Numbers title={title} times={times} series={series} />}
      </details>
    </figure>
  );
}

type Drawn = Pick<Parameters<typeof Plot>[0], 'times' | 'series'>;

/** Keeps a drawing in an element: its lines, its width, its theme. */
function useDrawing({
  times,
  series,
  most,
  height,
  onCursor,
}: Drawn & {
  most: number | null;
  height: number;
  onCursor: (index: number | null) => void;
}): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const data = useMemo(() => alignedData(times, series), [times, series]);
  const latest = useRef({ data, series });
  useEffect(() => {
    latest.current = { data, series };
  });
  // Other lines are another drawing; other numbers are not.
  const lines = series.map(({ title, tone, line }) => `${title} ${tone} ${line}`).join('\n');
  useEffect(() => {
    const parent = element.current;
    if (parent === null) return;
    const colours = colourReader(parent);
    const size = { width: Math.max(1, parent.clientWidth), height };
    const options = plotOptions(latest.current.series, size, colours.of, most, onCursor);
    const drawn = new uPlot(options, latest.current.data, parent);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: Math.max(1, parent.clientWidth), height }));
    resized.observe(parent);
    const forgetTheme = whenThemeChanges(() => {
      colours.forget();
      drawn.redraw(false, true);
    });
    return () => {
      resized.disconnect();
      forgetTheme();
      drawn.destroy();
      plot.current = null;
    };
  }, [lines, most, height, onCursor]);
  useEffect(() => plot.current?.setData(data), [data]);
  return element;
}

function alignedData(times: readonly number[], series: readonly PlotSeries[]): uPlot.AlignedData {
  return [times.map((at) => at / 1000), ...series.map(({ values }) => [...values])];
}

/** The colours of the page's theme as a canvas takes them: `light-dark()` is resolved by the browser alone. */
function colourReader(parent: HTMLElement): { of: (property: string) => string; forget: () => void } {
  const known = new Map<string, string>();
  return {
    of: (property) => {
      let colour = known.get(property);
      if (colour === undefined) {
        const probe = document.createElement('span');
        probe.style.color = `var(${property})`;
        parent.append(probe);
        colour = getComputedStyle(probe).color;
        probe.remove();
        known.set(property, colour);
      }
      return colour;
    },
    forget: () => known.clear(),
  };
}

function whenThemeChanges(act: () => void): () => void {
  const isDark = matchMedia('(prefers-color-scheme: dark)');
  isDark.addEventListener('change', act);
  const chosen = new MutationObserver(act);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    isDark.removeEventListener('change', act);
    chosen.disconnect();
  };
}

function Legend({ times, series, cursor }: Drawn & { readonly cursor: number | null }): JSX.Element {
  return (
    <div className="row plot-legend">
      {series.map(({ title, tone, values, line = 'solid' }) => {
        const value = cursor === null ? values.findLast((each) => each !== null) : values[cursor];
        return (
          <span key={title} className="row">
            <span className="plot-line" data-tone={tone} data-line={line} aria-hidden="true" />
            {title} <strong>{value?.toLocaleString('en') ?? '–'}</strong>
          </span>
        );
      })}
      {cursor !== null && <span className="muted push">{momentText(times[cursor] ?? 0)}</span>}
    </div>
  );
}

function Numbers({ title, times, series }: Drawn & { readonly title: string }): JSX.Element {
  const every = Math.max(1, Math.ceil((times.length - 1) / (MOST_ROWS - 1)));
  const shown = times.flatMap((at, index) =>
    index % every === 0 || index === times.length - 1 ? [{ at, index }] : [],
  );
  return (
    // Scrollable, so it can be focused.
    <div className="plot-numbers" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((each) => (
              <th key={each.title} scope="col">
                {each.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ at, index }) => (
            <tr key={at}>
              <th scope="row">{momentText(at)}</th>
              {series.map((each) => (
                <td key={each.title}>{each.values[index]?.toLocaleString('en') ?? ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
