import type { JSX } from 'react';
import { shortDigest } from '../bundles/texts.ts';
import { Badge } from '../ui/badge.tsx';
import type { Column } from '../ui/data-table.tsx';
import { Status } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Duration, Time } from '../ui/time.tsx';
import type { PastDeployment } from './merge-pages.ts';

/** How a deployment stands in a list. */
export const DEPLOYMENT_COLUMNS: readonly Column<PastDeployment>[] = [
  { id: 'target', title: 'Target', width: 'minmax(9rem, 1.2fr)', cell: ({ target }) => target },
  { id: 'status', title: 'Status', width: '10rem', cell: ({ status }) => <Status status={status} /> },
  { id: 'what', title: 'What became of it', width: 'minmax(14rem, 2.4fr)', cell: (row) => <Outcome row={row} /> },
  {
    id: 'mode',
    title: 'Mode',
    width: '12rem',
    cell: ({ mode, dryRun }) => (
      <span className="row">
        {mode} {dryRun && <Badge>dry run</Badge>}
      </span>
    ),
  },
  { id: 'bundle', title: 'Bundle', width: '9.5rem', cell: ({ bundle }) => <code>{shortDigest(bundle)}</code> },
  { id: 'by', title: 'By', width: 'minmax(7rem, 1fr)', cell: ({ createdBy }) => createdBy },
  {
    id: 'took',
    title: 'Took',
    width: '6.5rem',
    align: 'end',
    cell: ({ startedAt, finishedAt }) => startedAt !== null && <Duration from={startedAt} to={finishedAt} />,
  },
  { id: 'at', title: 'When', width: '7.5rem', align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function Outcome({ row }: { readonly row: PastDeployment }): JSX.Element | string {
  const { failure, summary, waitingFor, dryRun } = row;
  if (failure !== null) {
    return (
      <span title={`${failure.file ?? ''} ${failure.message}`}>
        {failure.file !== null && <code>{failure.file.replace(/^.*\//, '')}</code>} {failure.message}
      </span>
    );
  }
  if (waitingFor !== null) return <span className="muted">waits for: {waitingFor.kind}</span>;
  if (summary === null) return '';
  if (dryRun) return <span className="muted">planned, nothing changed</span>;
  const { applied, baselined } = summary;
  if (applied.length === 0 && baselined === 0) return <span className="muted">nothing to do</span>;
  return `${counted(applied.length, 'file')} applied`;
}
