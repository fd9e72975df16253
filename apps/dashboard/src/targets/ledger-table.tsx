import { type JSX, useMemo } from 'react';
import type { Answer } from '../api/client.ts';
import { Badge } from '../ui/badge.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { durationText } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';

type Files = Answer<'getTarget'>['files'];
type Applied = NonNullable<Files>[number];

const COLUMNS: readonly Column<Applied>[] = [
  { id: 'path', title: 'File', width: 'minmax(16rem, 3fr)', cell: ({ path }) => <code title={path}>{path}</code> },
  {
    id: 'origin',
    title: 'How',
    width: '8rem',
    cell: ({ origin }) => (origin === 'run' ? 'run' : <Badge>{origin}</Badge>),
  },
  { id: 'by', title: 'By', width: 'minmax(8rem, 1fr)', cell: ({ appliedBy }) => appliedBy },
  {
    id: 'took',
    title: 'Took',
    width: '7rem',
    align: 'end',
    cell: ({ durationMs }) => (durationMs === null ? '' : durationText(durationMs)),
  },
  {
    id: 'sha',
    title: 'SHA-256',
    width: '9.5rem',
    cell: ({ sha256 }) => <code>{sha256?.slice(0, 12) ?? 'unknown'}</code>,
  },
  { id: 'at', title: 'Since', width: '8rem', align: 'end', cell: ({ appliedAt }) => <Time at={appliedAt} /> },
];

/** What is applied on a target, as a worker last saw it; the latest first. */
export function LedgerTable({ files }: { readonly files: Files }): JSX.Element {
  const rows = useMemo(() => files?.toSorted((a, b) => (a.appliedAt < b.appliedAt ? 1 : -1)) ?? [], [files]);
  return (
    <DataTable
      label="Applied files"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ path }) => path}
      empty={
        files === null ? (
          <Empty title="No worker has been there yet">
            <p>So nothing is known of what is applied. A dry run looks, and changes nothing.</p>
          </Empty>
        ) : (
          <Empty title="Nothing is applied there" />
        )
      }
    />
  );
}
