import { type JSX, useMemo } from 'react';
import type { Answer } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { BundleSelect } from './bundle-select.tsx';
import { FileDiff } from './file-diff.tsx';
import { FileTree } from './file-tree-view.tsx';

/** What tells this bundle from another one, which is chosen here. */
export function BundleDifferences({ digest }: { readonly digest: string }): JSX.Element {
  const address = useAddress();
  const { data: stored } = useAsk('listBundles', { query: { limit: 100 } });
  const place = stored?.items.findIndex((one) => one.digest === digest) ?? -1;
  // The one that was stored before it is what it most often came from.
  const from = address.get('from') || (stored?.items[place + 1]?.digest ?? '');
  return (
    <>
      <label className="row">
        <span className="muted">What changed since</span>
        <BundleSelect
          value={from}
          bundles={stored?.items.filter((one) => one.digest !== digest) ?? []}
          onChange={(next) => address.set({ from: next, file: null })}
        />
      </label>
      {from === '' ? (
        stored !== undefined && (
          <Empty title="No older bundle">
            <p>Choose the one to compare with above.</p>
          </Empty>
        )
      ) : (
        <Compared from={from} to={digest} />
      )}
    </>
  );
}

function Compared({ from, to }: { readonly from: string; readonly to: string }): JSX.Element {
  const address = useAddress();
  const { data, error, refetch } = useAsk('compareBundles', { params: { digest: to }, query: { from } });
  const files = useMemo(() => data?.files.map(({ path, change }) => ({ path, status: LOOK[change] })) ?? [], [data]);
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height="20rem" />;
  if (files.length === 0) return <Empty title="The same files in both, byte for byte" />;
  const asked = address.get('file');
  const chosen = data.files.find(({ path }) => path === asked) ?? data.files[0];
  return (
    <>
      <Counts counts={data.counts} />
      <div className="files">
        <FileTree
          label="Files that differ"
          files={files}
          selected={chosen?.path ?? ''}
          onSelect={(file) => address.set({ file }, { replace: true })}
        />
        {chosen !== undefined && <FileDiff key={chosen.path} from={from} to={to} file={chosen} />}
      </div>
    </>
  );
}

const LOOK = { added: 'file_added', removed: 'file_removed', changed: 'file_changed' } as const;

function Counts({ counts }: { readonly counts: Answer<'compareBundles'>['counts'] }): JSX.Element {
  return (
    <p className="row">
      {(['added', 'changed', 'removed'] as const).map(
        (change) =>
          counts[change] > 0 && (
            <span key={change} className="row">
              <strong>{counts[change].toLocaleString('en')}</strong> <Status status={LOOK[change]} />
            </span>
          ),
      )}
      <span className="muted">{counts.same.toLocaleString('en')} the same</span>
    </p>
  );
}
