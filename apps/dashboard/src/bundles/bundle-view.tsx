import { type JSX, useMemo } from 'react';
import { useParams } from 'wouter';
import type { Answer } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { useHasView } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Badge } from '../ui/badge.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { View } from '../ui/view.tsx';
import { BundleDifferences } from './bundle-differences.tsx';
import { BundleFileView } from './bundle-file-view.tsx';
import { DeployedTo } from './deployed-to.tsx';
import { FileTree } from './file-tree-view.tsx';
import type { TreeFile } from './file-tree.ts';
import { bytesText, shortDigest } from './texts.ts';
import './bundles.css';

type Bundle = Answer<'getBundle'>;

/** One bundle: its files and what the validator says of them, what tells it from another, where it was deployed. */
export function BundleView(): JSX.Element {
  const { digest = '' } = useParams();
  const may = useMay();
  const canStart = useHasView('/start') && may('createDeployment');
  const { data, error, refetch } = useAsk('getBundle', { params: { digest } });
  const hasProblems = (data?.problems.length ?? 0) > 0;
  return (
    <View
      title={`Bundle ${shortDigest(digest)}`}
      beside={data !== undefined && <Verdict bundle={data} />}
      actions={
        <>
          {may('storeBundle') && (
            <ButtonLink kind={hasProblems ? 'primary' : 'plain'} to="/bundles/new">
              {hasProblems ? 'Upload it mended…' : 'Upload a folder…'}
            </ButtonLink>
          )}
          {canStart && data !== undefined && !hasProblems && (
            <ButtonLink kind="primary" to={`/start?bundle=${digest}`}>
              Deploy…
            </ButtonLink>
          )}
        </>
      }
    >
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? error === null && <Skeleton height="24rem" /> : <Parts key={digest} bundle={data} />}
    </View>
  );
}

function Verdict({ bundle: { problems } }: { readonly bundle: Bundle }): JSX.Element {
  return problems.length === 0 ? (
    <Status status="valid" />
  ) : (
    <Badge tone="bad">{counted(problems.length, 'problem')}</Badge>
  );
}

function Parts({ bundle }: { readonly bundle: Bundle }): JSX.Element {
  const address = useAddress();
  const tab = address.get('tab') || 'files';
  const tabs = [
    { id: 'files', title: 'Files' },
    { id: 'differences', title: 'Differences' },
    { id: 'deployed', title: `Deployed to ${counted(bundle.deployedTo.length, 'target')}` },
  ];
  return (
    <>
      <p className="muted bundle-facts">
        {counted(bundle.files.length, 'file')}, {bytesText(bundle.sizeBytes)}, stored <Time at={bundle.createdAt} /> by{' '}
        {bundle.createdBy}. <code className="small">{bundle.digest}</code>
      </p>
      <Tabs label="Parts of the bundle" tabs={tabs} chosen={tab} onChoose={(id) => address.set({ tab: id })}>
        {tab === 'differences' ? (
          <BundleDifferences digest={bundle.digest} />
        ) : tab === 'deployed' ? (
          <DeployedTo rows={bundle.deployedTo} />
        ) : (
          <Files bundle={bundle} />
        )}
      </Tabs>
    </>
  );
}

function Files({ bundle }: { readonly bundle: Bundle }): JSX.Element {
  const address = useAddress();
  const files = useMemo(() => filesOf(bundle), [bundle]);
  const known = useMemo(() => new Set(files.map(({ path }) => path)), [files]);
  // The first problem is what somebody comes for; else the newest change.
  const chosen =
    address.get('file') ||
    (bundle.problems.find(({ path }) => known.has(path))?.path ??
      files.findLast(({ path }) => path.startsWith('deployment/'))?.path ??
      files[0]?.path ??
      '');
  const homeless = bundle.problems.filter(({ path }) => !known.has(path));
  return (
    <>
      {homeless.length > 0 && (
        <ul className="error-box">
          {homeless.map(({ rule, path, message, hint }) => (
            <li key={`${rule} ${path} ${message}`}>
              <code>{path}</code> {message} {hint}
            </li>
          ))}
        </ul>
      )}
      <div className="files">
        <FileTree
          label="Files of the bundle"
          files={files}
          selected={chosen}
          onSelect={(file) => address.set({ file }, { replace: true })}
        />
        {chosen !== '' && <BundleFileView key={chosen} digest={bundle.digest} path={chosen} />}
      </div>
    </>
  );
}

function filesOf({ files, problems }: Bundle): TreeFile[] {
  const counts = new Map<string, number>();
  for (const { path } of problems) counts.set(path, (counts.get(path) ?? 0) + 1);
  return files.map(({ path }) => {
    const count = counts.get(path);
    return count === undefined ? { path, status: null } : { path, status: 'failed', count };
  });
}
