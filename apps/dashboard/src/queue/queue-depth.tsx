import { type JSX, useMemo } from 'react';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Plot } from '../ui/plot.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { counted } from '../ui/time-text.ts';

const SPANS = [
  { hours: 1, title: '1 hour' },
  { hours: 6, title: '6 hours' },
  { hours: 24, title: '24 hours' },
  { hours: 168, title: '7 days' },
];

/** How deep the queue was. */
export function QueueDepth(): JSX.Element {
  const address = useAddress();
  const asked = Number(address.get('hours'));
  const hours = SPANS.some((span) => span.hours === asked) ? asked : 24;
  const { data, error, refetch } = useAsk('getQueueDepth', { query: { hours } });
  const drawn = useMemo(() => {
    const points = data?.points ?? [];
    const queued = points.map((point) => point.queued);
    const running = points.map((point) => point.running);
    return {
      times: points.map(({ at }) => Date.parse(at)),
      series: [
        { title: 'queued', tone: 'wait', values: queued },
        { title: 'running', tone: 'run', values: running, line: 'dashed' },
      ] as const,
      summary: `At most ${counted(Math.max(0, ...queued), 'deployment')} queued and ${Math.max(0, ...running)} running; now ${queued.at(-1) ?? 0} and ${running.at(-1) ?? 0}.`,
    };
  }, [data]);
  return (
    <section className="panel" aria-labelledby="depth">
      <header>
        <h2 id="depth">Depth over time</h2>
        <select
          className="select push"
          aria-label="How far back"
          value={hours}
          onChange={(event) => address.set({ hours: event.target.value }, { replace: true })}
        >
          {SPANS.map((span) => (
            <option key={span.hours} value={span.hours}>
              {span.title}
            </option>
          ))}
        </select>
      </header>
      <div className="body">
        {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
        {data === undefined ? (
          error === null && <Skeleton height="12rem" />
        ) : (
          <Plot title="Depth of the queue" height={150} {...drawn} />
        )}
        {data?.isCapped === true && (
          <p className="small muted">So many ended within this time that the line begins later than asked for.</p>
        )}
      </div>
    </section>
  );
}
