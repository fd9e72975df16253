import type { JSX } from 'react';
import type { Answer } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { SqlFile } from '../sql/sql-file.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { counted } from '../ui/time-text.ts';
import { bytesText } from './texts.ts';

/** A file of a bundle: its text, and what the validator says of it. */
export function BundleFileView({ digest, path }: { readonly digest: string; readonly path: string }): JSX.Element {
  const { data, error, refetch } = useAsk('getBundleFile', { params: { digest }, query: { path } });
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (data === undefined || data.path !== path) return <Skeleton height="20rem" />;
  const placeless = data.problems.filter(({ line }) => line === null);
  return (
    <section className="stack" aria-label={path}>
      <div className="file-head">
        <h2 className="mono">{path}</h2>
        <span className="muted small">{bytesText(data.sizeBytes)}</span>
        <FileVerdict file={data} />
      </div>
      {placeless.map(({ rule, message, hint }) => (
        <p key={`${rule} ${message}`} className="error-box">
          <strong>{message}</strong> {hint}
        </p>
      ))}
      {data.text === null ? (
        <Empty title="This file is not a text in UTF-8" />
      ) : (
        <>
          {data.truncated && <p className="muted">Its beginning; the rest is not shown here.</p>}
          <SqlFile text={data.text} problems={data.problems} label={`Text of ${path}`} />
        </>
      )}
    </section>
  );
}

function FileVerdict({ file }: { readonly file: Answer<'getBundleFile'> }): JSX.Element | null {
  const { verdict, problems } = file;
  if (problems.length > 0) return <Badge tone="bad">{counted(problems.length, 'problem')}</Badge>;
  if (verdict === null) return null;
  const statements = counted(verdict.statementCount, 'statement');
  return verdict.transactional ? (
    <span className="muted small">{statements} in one transaction: all of it or nothing</span>
  ) : (
    <Badge tone="wait">{statements}, one by one, outside a transaction</Badge>
  );
}
