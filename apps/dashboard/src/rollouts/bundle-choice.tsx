import type { JSX } from 'react';
import { useAsk, usePages } from '../api/hooks.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Field } from '../ui/field.tsx';
import { counted, relativeTime } from '../ui/time-text.ts';
import { brief } from './rollout.ts';

const MOST_FILES = 8;

/** Chooses one of the bundles to go on with, and says what it has otherwise. */
export function BundleChoice({
  current,
  chosen,
  onChoose,
}: {
  /** The digest that the rollout has so far. */
  readonly current: string;
  readonly chosen: string;
  readonly onChoose: (digest: string) => void;
}): JSX.Element {
  const { items, error, refetch, hasNextPage, fetchNextPage } = usePages('listBundles', { query: {} });
  const others = items.filter(({ digest }) => digest !== current);
  return (
    <>
      <Field
        label="Bundle"
        hint="A mended one is pushed first: with the command, over HTTP, or where this page shows bundles."
      >
        {(control) => (
          <select className="select" {...control} value={chosen} onChange={(event) => onChoose(event.target.value)}>
            <option value={current}>{brief(current)} · as so far</option>
            {others.map(({ digest, createdAt, createdBy, files, problems }) => (
              <option key={digest} value={digest} disabled={problems > 0}>
                {brief(digest)} · {relativeTime(Date.parse(createdAt), Date.now())} by {createdBy},{' '}
                {problems > 0 ? counted(problems, 'problem') : counted(files, 'file')}
              </option>
            ))}
          </select>
        )}
      </Field>
      {hasNextPage && (
        <button type="button" className="button" data-kind="quiet" onClick={() => void fetchNextPage()}>
          Older bundles
        </button>
      )}
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {chosen !== current && <Differences from={current} to={chosen} />}
    </>
  );
}

const SIGNS = { added: '+', removed: '−', changed: '~' } as const;

function Differences({ from, to }: { readonly from: string; readonly to: string }): JSX.Element | null {
  const { data, error } = useAsk('compareBundles', { params: { digest: to }, query: { from } });
  if (error !== null) return <ErrorBox error={error} />;
  // While another is asked for the one before is still there.
  if (data === undefined || data.to !== to) return null;
  return (
    <div className="small">
      <div className="muted">Against the bundle so far:</div>
      <ul>
        {data.files.slice(0, MOST_FILES).map(({ path, change }) => (
          <li key={path} className="cut">
            <span aria-hidden="true" className="mono">
              {SIGNS[change]}
            </span>{' '}
            <code>{path}</code> <span className="muted">{change}</span>
          </li>
        ))}
        {data.files.length === 0 && <li>no file differs</li>}
        {data.files.length > MOST_FILES && (
          <li className="muted">and {counted(data.files.length - MOST_FILES, 'other file')}</li>
        )}
      </ul>
    </div>
  );
}
