import { type JSX, useMemo } from 'react';
import { useAddress } from '../routing/address.ts';
import { Button } from '../ui/button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { counted } from '../ui/time-text.ts';
import { View } from '../ui/view.tsx';
import { DEPLOYMENT_COLUMNS } from './deployment-columns.tsx';
import { ExportButton } from './export-button.tsx';
import { FILTERS, filterOf } from './history-filter.ts';
import { HistoryFilters } from './history-filters.tsx';
import { useHistory } from './use-history.ts';
import './history.css';

/** Every deployment that there was, the newest first. */
export function HistoryView(): JSX.Element {
  const address = useAddress();
  const filter = useMemo(() => filterOf(address), [address]);
  const { rows, hasMore, fetchMore, error, retry } = useHistory(filter);
  return (
    <View
      title="History"
      beside={
        rows !== undefined && (
          <span className="muted">
            {hasMore ? `the newest ${rows.length.toLocaleString('en')} so far` : counted(rows.length, 'deployment')}
          </span>
        )
      }
      actions={<ExportButton filter={filter} />}
    >
      <HistoryFilters />
      {error !== null ? (
        <ErrorBox error={error} onRetry={retry} />
      ) : rows === undefined ? (
        <Skeleton height="24rem" />
      ) : (
        <DataTable
          label="Deployments"
          columns={DEPLOYMENT_COLUMNS}
          rows={rows}
          rowKey={({ id }) => id}
          hrefOf={({ id }) => `/deployments/${id}`}
          onEndReached={fetchMore}
          empty={<NothingFits isFiltered={Object.keys(filter).length > 0} />}
        />
      )}
    </View>
  );
}

function NothingFits({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  const address = useAddress();
  return isFiltered ? (
    <Empty title="No deployment fits">
      <Button onClick={() => address.set(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
        Show all deployments
      </Button>
    </Empty>
  ) : (
    <Empty title="Nothing was deployed yet">
      <p>Each deployment stays here, whatever became of it.</p>
    </Empty>
  );
}
