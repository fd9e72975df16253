import type { JSX } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../api/client.ts';
import { Empty } from '../ui/empty.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';

/** More are counted. */
const MOST_SHOWN = 500;

/** What a target lacks of a bundle, and what of it does not fit. */
export function Pending({ target }: { readonly target: Answer<'getTarget'> }): JSX.Element {
  const { comparison, files } = target;
  if (comparison === null) {
    return (
      <Empty title="Nothing to compare with">
        <p>Choose a bundle above.</p>
      </Empty>
    );
  }
  const { bundle, pending, changed, missing } = comparison;
  if (pending.length + changed.length + missing.length === 0) {
    return <Empty title="Every file of this bundle is applied" />;
  }
  return (
    <div className="stack">
      {files === null && <p>No worker has been there yet: this is all of the bundle.</p>}
      <Paths
        status="changed"
        title="applied with other bytes: a deployment of this bundle would be refused"
        paths={changed}
        bundle={bundle}
      />
      <Paths
        status="missing"
        title="applied, but not in this bundle: a deployment of it would be refused"
        paths={missing}
        bundle={null}
      />
      <Paths status="pending" title="not applied yet" paths={pending} bundle={bundle} />
    </div>
  );
}

function Paths({
  status,
  title,
  paths,
  bundle,
}: {
  readonly status: string;
  readonly title: string;
  readonly paths: readonly string[];
  /** Where their text can be seen. */
  readonly bundle: string | null;
}): JSX.Element | null {
  if (paths.length === 0) return null;
  return (
    <section className="stack">
      <h2>
        {counted(paths.length, 'file')} {title}
      </h2>
      <ul className="pending">
        {paths.slice(0, MOST_SHOWN).map((path) => (
          <li key={path} className="row">
            <StatusMark status={status} size={12} />
            {bundle === null ? (
              <code>{path}</code>
            ) : (
              <Link to={`/bundles/${bundle}?${new URLSearchParams({ file: path })}`}>
                <code>{path}</code>
              </Link>
            )}
          </li>
        ))}
      </ul>
      {paths.length > MOST_SHOWN && <p className="muted">and {counted(paths.length - MOST_SHOWN, 'more', 'more')}</p>}
    </section>
  );
}
