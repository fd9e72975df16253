import type { JSX } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { Time } from '../ui/time.tsx';
import { eventText, type RolloutEvent } from './event-text.ts';
import type { RolloutEvents } from './use-rollout-events.ts';

const COLUMNS: readonly Column<RolloutEvent>[] = [
  { id: 'number', title: 'No.', width: '4.5rem', align: 'end', cell: ({ number }) => number.toLocaleString('en') },
  { id: 'at', title: 'When', width: '8rem', cell: ({ at }) => <Time at={at} /> },
  { id: 'what', title: 'What happened', width: 'minmax(20rem, 1fr)', cell: (event) => <What event={event} /> },
];

/** What happened, newest first, and what happens while one looks. */
export function RolloutEventLog({ events, more }: RolloutEvents): JSX.Element {
  return (
    <DataTable
      label="Events"
      columns={COLUMNS}
      rows={events}
      rowKey={({ number }) => String(number)}
      onEndReached={more}
      empty={<Empty title="Its events are on their way" />}
    />
  );
}

function What({ event }: { readonly event: RolloutEvent }): JSX.Element {
  const { look, text, deployment } = eventText(event);
  return (
    <span className="status" title={text}>
      {look === null ? <span className="no-mark" /> : <StatusMark status={look} />}
      {deployment === null ? (
        text
      ) : (
        <ViewLink view="/deployments/:id" to={`/deployments/${deployment}`}>
          {text}
        </ViewLink>
      )}
    </span>
  );
}
