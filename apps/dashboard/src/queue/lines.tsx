import type { JSX } from 'react';
import { WaitingForText } from '../deployment/waiting-for.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { Status } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import type { Queue, QueueLine } from './queue.ts';

const COLUMNS: readonly Column<QueueLine>[] = [
  { id: 'target', title: 'Target', width: 'minmax(9rem, 1fr)', cell: ({ target }) => target },
  { id: 'waiting', title: 'Waiting', width: '6rem', align: 'end', cell: ({ waiting }) => waiting.toLocaleString('en') },
  {
    id: 'head',
    title: 'At its head',
    width: '9.5rem',
    cell: ({ head }) => head !== null && <Status status={head.status} />,
  },
  { id: 'since', title: 'Since', width: '8rem', cell: ({ head }) => head !== null && <Time at={head.since} /> },
  {
    id: 'reason',
    title: 'Waits for',
    width: 'minmax(16rem, 3fr)',
    cell: ({ head }) =>
      head?.waitingFor ? <WaitingForText waiting={head.waitingFor} /> : <span className="muted">it is under way</span>,
  },
];

/** The line of each target, the longest first: one runs at a time, first come first served. */
export function Lines({ queue }: { readonly queue: Queue }): JSX.Element {
  const { lines, rest } = queue;
  return (
    <>
      <DataTable
        label="Lines of targets"
        columns={COLUMNS}
        rows={lines}
        rowKey={({ target }) => target}
        hrefOf={({ head, target }) =>
          head === null ? `/targets/${encodeURIComponent(target)}` : `/deployments/${head.id}`
        }
        empty={
          <Empty title="Nothing waits and nothing runs">
            <p>What is deployed shows here until it has ended.</p>
          </Empty>
        }
      />
      {rest.targets > 0 && (
        <p className="muted small">
          Shown are the {lines.length} longest lines; {counted(rest.waiting, 'deployment')} more{' '}
          {rest.waiting === 1 ? 'waits' : 'wait'} on {counted(rest.targets, 'other target')}: one by one they are all
          listed.
        </p>
      )}
    </>
  );
}
