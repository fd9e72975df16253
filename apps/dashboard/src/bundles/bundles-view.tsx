import type { JSX } from 'react';
import type { Item } from '../api/client.ts';
import { usePages } from '../api/hooks.ts';
import { useMay } from '../session/session.tsx';
import { Badge } from '../ui/badge.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { View } from '../ui/view.tsx';
import { bytesText, shortDigest } from './texts.ts';

type Bundle = Item<'listBundles'>;

const COLUMNS: readonly Column<Bundle>[] = [
  {
    id: 'digest',
    title: 'Bundle',
    width: 'minmax(10rem, 1fr)',
    cell: ({ digest }) => <code>{shortDigest(digest)}</code>,
  },
  {
    id: 'problems',
    title: 'Validator',
    width: 'minmax(9rem, 1fr)',
    cell: ({ problems }) =>
      problems === 0 ? <Status status="valid" /> : <Badge tone="bad">{counted(problems, 'problem')}</Badge>,
  },
  {
    id: 'targets',
    title: 'On',
    width: 'minmax(8rem, 1fr)',
    cell: ({ targets }) => (targets === 0 ? <span className="muted">no target</span> : counted(targets, 'target')),
  },
  {
    id: 'files',
    title: 'Files',
    width: '7rem',
    align: 'end',
    cell: ({ files }) => files.toLocaleString('en'),
  },
  {
    id: 'size',
    title: 'Size',
    width: '7rem',
    align: 'end',
    cell: ({ sizeBytes }) => bytesText(sizeBytes),
  },
  {
    id: 'by',
    title: 'Stored by',
    width: 'minmax(8rem, 1fr)',
    cell: ({ createdBy }) => createdBy,
  },
  { id: 'at', title: 'Stored', width: '8rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

/** Every bundle that is stored, the newest first. */
export function BundlesView(): JSX.Element {
  const may = useMay();
  const { items, data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = usePages('listBundles', {});
  return (
    <View
      title="Bundles"
      {...(may('storeBundle')
        ? {
            actions: (
              <ButtonLink kind="primary" to="/bundles/new">
                Upload a folder…
              </ButtonLink>
            ),
          }
        : {})}
    >
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="20rem" />
      ) : (
        <DataTable
          label="Bundles"
          columns={COLUMNS}
          rows={items}
          rowKey={({ digest }) => digest}
          hrefOf={({ digest }) => `/bundles/${digest}`}
          onEndReached={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
          empty={
            <Empty title="No bundles yet">
              <p>
                A bundle is a snapshot of the three folders. One is stored when something is deployed, or when a folder
                is uploaded.
              </p>
            </Empty>
          }
        />
      )}
    </View>
  );
}
