import type { JSX } from 'react';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { Tabs } from '../ui/tabs.tsx';
import { View } from '../ui/view.tsx';
import { Lines } from './lines.tsx';
import { Oldest } from './oldest.tsx';
import { QueueDepth } from './queue-depth.tsx';
import type { Queue } from './queue.ts';
import { Reasons } from './reasons.tsx';
import { Unfinished } from './unfinished.tsx';
import { Workers } from './workers.tsx';
import './queue.css';

/** As many lines as the API gives at once. */
const MOST_LINES = 200;
const UNFINISHED = ['running', 'cancelling', 'queued', 'scheduled'];

/** What runs, what does not and why, and who could do it. */
export function QueueView(): JSX.Element {
  const { data, error, refetch } = useAsk('getQueue', { query: { lines: MOST_LINES } });
  const workers = useAsk('listWorkers', {});
  const address = useAddress();
  const tab = address.get('tab') || 'lines';
  const alive = workers.data?.items.filter((worker) => worker.alive).length;
  const tabs = [
    { id: 'lines', title: 'Lines of targets' },
    { id: 'all', title: 'One by one' },
    { id: 'workers', title: alive === undefined ? 'Workers' : `Workers (${alive} alive)` },
  ];
  return (
    <View title="Queue">
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="24rem" />
      ) : (
        <>
          <Counts queue={data} />
          {alive === 0 && <NoWorker />}
          <div className="queue-top">
            <Reasons reasons={data.reasons} />
            <QueueDepth />
          </div>
          <Tabs label="What is shown" tabs={tabs} chosen={tab} onChoose={(chosen) => address.set({ tab: chosen })}>
            {tab === 'workers' ? (
              <Workers {...workers} />
            ) : tab === 'all' ? (
              <Unfinished queue={data} />
            ) : (
              <Lines queue={data} />
            )}
          </Tabs>
        </>
      )}
    </View>
  );
}

function Counts({ queue }: { readonly queue: Queue }): JSX.Element {
  const counts = new Map(queue.byStatus.map((each) => [each.status as string, each]));
  const others = queue.byStatus.filter(({ status }) => !UNFINISHED.includes(status)).map(({ status }) => status);
  return (
    <dl className="queue-counts">
      {[...UNFINISHED, ...others].map((status) => {
        const count = counts.get(status);
        if (count === undefined && (status === 'cancelling' || status === 'scheduled')) return null;
        return (
          <div key={status}>
            <dt className="status">
              <StatusMark status={status} />
              {statusLook(status).label}
            </dt>
            <dd>
              <strong>{(count?.count ?? 0).toLocaleString('en')}</strong>
              {count !== undefined && (
                <span className="small muted">
                  {' '}
                  <Oldest at={count.oldest} isOne={count.count === 1} />
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function NoWorker(): JSX.Element {
  return (
    <p className="standing" data-tone="bad">
      <StatusMark status="silent" />
      No worker is alive: nothing is begun until one is. What is recorded stays so, and is carried out then.
    </p>
  );
}
