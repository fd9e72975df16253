import { type JSX, useMemo } from 'react';
import { Link } from 'wouter';
import { DEPLOYMENT_COLUMNS } from '../history/deployment-columns.tsx';
import { useHistory } from '../history/use-history.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

const COLUMNS = DEPLOYMENT_COLUMNS.filter(({ id }) => id !== 'target');

/** What was done to one target, the newest first. */
export function TargetHistory({ name }: { readonly name: string }): JSX.Element {
  const filter = useMemo(() => ({ target: name }), [name]);
  const { rows, fetchMore, error, retry } = useHistory(filter);
  if (error !== null) return <ErrorBox error={error} onRetry={retry} />;
  if (rows === undefined) return <Skeleton height="16rem" />;
  return (
    <>
      <p className="small">
        <Link to={`/deployments?${new URLSearchParams({ target: name })}`}>With filters and export</Link>
      </p>
      <DataTable
        label={`Deployments of ${name}`}
        columns={COLUMNS}
        rows={rows}
        rowKey={({ id }) => id}
        hrefOf={({ id }) => `/deployments/${id}`}
        onEndReached={fetchMore}
        empty={<Empty title="Nothing was deployed there yet" />}
      />
    </>
  );
}
