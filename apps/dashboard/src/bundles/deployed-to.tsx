import type { JSX } from 'react';
import type { Answer } from '../api/client.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { Status } from '../ui/status-mark.tsx';
import { Time } from '../ui/time.tsx';

type Row = Answer<'getBundle'>['deployedTo'][number];

const COLUMNS: readonly Column<Row>[] = [
  { id: 'target', title: 'Target', width: 'minmax(10rem, 2fr)', cell: ({ target }) => target },
  {
    id: 'status',
    title: 'Latest deployment of it',
    width: 'minmax(10rem, 1fr)',
    cell: ({ status }) => <Status status={status} />,
  },
  { id: 'mode', title: 'Mode', width: '10rem', cell: ({ mode }) => mode },
  { id: 'at', title: 'When', width: '9rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

/** Where a bundle was deployed, the latest on each target first. */
export function DeployedTo({ rows }: { readonly rows: readonly Row[] }): JSX.Element {
  return (
    <DataTable
      label="Targets it was deployed to"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ deployment }) => deployment}
      hrefOf={({ deployment }) => `/deployments/${deployment}`}
      empty={<Empty title="It was not deployed yet" />}
    />
  );
}
