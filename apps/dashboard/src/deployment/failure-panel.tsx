import type { JSX, ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../api/hooks.ts';
import { useHasView } from '../routing/known-views.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { type Deployment, type Failure, placeOf } from './deployment.ts';
import { excerptOf } from './excerpt.ts';
import { sqlstateName } from './sqlstate-name.ts';

const MOST_LISTED = 5;

/** Why it did not succeed: where, what the server said, what is applied and what is not, and what to do. */
export function FailurePanel({
  deployment,
  failure,
  children,
}: {
  readonly deployment: Deployment;
  readonly failure: Failure;
  /** What only some failures have: evidence, and the way to settle it. */
  readonly children?: ReactNode;
}): JSX.Element {
  const others = (deployment.summary?.failures ?? []).filter(
    ({ file, line }) => file !== failure.file || line !== failure.line,
  );
  return (
    <section className="panel failure-panel" data-tone="bad" aria-label="What went wrong">
      <header>
        <StatusMark status={deployment.status} />
        <h2 className="failure-place">{placeOf(failure) ?? 'It could not be run'}</h2>
        <Sqlstate failure={failure} />
      </header>
      <div className="body stack">
        <p className="failure-message">{failure.message}</p>
        <Place bundle={deployment.bundle} failure={failure} />
        {children}
        <dl className="facts">
          <dt>Do now</dt>
          <dd>{failure.hint}</dd>
          <Outcome deployment={deployment} />
        </dl>
        {others.length > 0 && (
          <div className="stack">
            <h3>{counted(others.length, 'other failure')}</h3>
            <ul className="stack small">
              {others.slice(0, 50).map((other) => (
                <li key={`${other.file} ${other.line} ${other.message}`}>
                  <code>{placeOf(other)}</code> {other.message}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </section>
  );
}

/** The code as Postgres has it, with its name; else the service's own. */
function Sqlstate({ failure }: { readonly failure: Failure }): JSX.Element {
  const { sqlstate, code } = failure;
  const name = sqlstate === null ? null : sqlstateName(sqlstate);
  return (
    <span className="push small muted failure-code">
      {sqlstate !== null && (
        <span title="SQLSTATE, and its name in PostgreSQL’s manual, appendix A">
          SQLSTATE <code>{sqlstate}</code> {name}
        </span>
      )}
      <code title="Stands in docs/errors.md">{code}</code>
    </span>
  );
}

/** The lines around the place, from the bundle as it was deployed. */
function Place({ bundle, failure }: { readonly bundle: string; readonly failure: Failure }): JSX.Element | null {
  const { file, line } = failure;
  const hasFiles = useHasView('/bundles/:digest');
  const isAsked = file !== null && line !== null;
  const { data, isLoading } = useAsk(
    'getBundleFile',
    { params: { digest: bundle }, query: { path: file ?? '' } },
    { enabled: isAsked },
  );
  if (!isAsked || isLoading) return null;
  const excerpt = excerptOf(data?.text ?? null, failure);
  if (excerpt === null) return null;
  return (
    <div>
      <CodeBlock label={`${file}, around line ${line}`} {...excerpt} />
      <p className="small muted prose failure-file">
        {hasFiles && <Link to={`/bundles/${bundle}?file=${encodeURIComponent(file)}`}>The whole file</Link>}
        {excerpt.mark.column === null &&
          failure.column !== null &&
          ` · at character ${failure.column} of a line too long to show`}
      </p>
    </div>
  );
}

/** What is applied, and what isn't. */
export function Outcome({ deployment }: { readonly deployment: Deployment }): JSX.Element {
  const { applied, left } = outcomeOf(deployment);
  const skipped = deployment.summary?.skipped ?? 0;
  return (
    <>
      <dt>Applied</dt>
      <dd>
        {deployment.dryRun
          ? 'Nothing: a dry run changes nothing.'
          : applied.length === 0
            ? 'Nothing of this deployment.'
            : `${counted(applied.length, 'file')}, which stay${applied.length === 1 ? 's' : ''} applied.`}
        {skipped > 0 && ` ${counted(skipped, 'file')} had been applied before.`}
        <Paths paths={applied} fromEnd />
      </dd>
      {left.length > 0 && (
        <>
          <dt>Not applied</dt>
          <dd>
            <span>{counted(left.length, 'file')}.</span>
            {isRolledBack(deployment) && ' What failed is rolled back; the rest was not begun.'}
            <Paths paths={left} />
          </dd>
        </>
      )}
    </>
  );
}

/** Whether all that failed ran within transactions, so that nothing of it is left. */
function isRolledBack({ steps, status }: Deployment): boolean {
  const failed = steps.filter((step) => step.status === 'failed');
  return status === 'failed' && failed.length > 0 && failed.every(({ transactional }) => transactional);
}

/** Files of the plan that are in the target's ledger, and those that are not. */
export function outcomeOf({ steps, summary }: Deployment): { applied: readonly string[]; left: readonly string[] } {
  const applied = steps.filter(({ status }) => status === 'applied').map(({ path }) => path);
  const left = steps.filter(({ status }) => status !== 'applied').map(({ path }) => path);
  if (steps.length > 0 || summary === null) return { applied, left };
  return { applied: summary.applied, left: summary.notStarted };
}

function Paths({
  paths,
  fromEnd = false,
}: {
  readonly paths: readonly string[];
  readonly fromEnd?: boolean;
}): JSX.Element | null {
  if (paths.length === 0) return null;
  const shown = fromEnd ? paths.slice(-MOST_LISTED) : paths.slice(0, MOST_LISTED);
  const rest = paths.length - shown.length;
  const more = (
    <li className="muted">
      and {rest.toLocaleString('en')} {fromEnd ? 'before' : 'after'}
    </li>
  );
  return (
    <ul className="small paths">
      {fromEnd && rest > 0 && more}
      {shown.map((path) => (
        <li key={path} className="cut" title={path}>
          <code>{path}</code>
        </li>
      ))}
      {!fromEnd && rest > 0 && more}
    </ul>
  );
}
