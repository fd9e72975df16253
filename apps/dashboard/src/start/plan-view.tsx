import type { JSX } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../api/hooks.ts';
import { shortDigest } from '../bundles/texts.ts';
import { Badge } from '../ui/badge.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { type Found, type Plan, planOfDeployment, planOfRollout } from './plan.ts';
import { StartButton } from './start-button.tsx';
import type { StartRequest } from './start-request.ts';
import { useUntil } from './use-until.ts';

interface Made {
  /** Of the dry run. */
  readonly id: string;
  readonly request: StartRequest;
}

/** What a dry run on one target found, and the way on from there. */
export function PlanOfDeployment({ id, request }: Made): JSX.Element {
  const { data, error, refetch } = useAsk('getDeployment', { params: { id } });
  const plan = data?.id === id ? planOfDeployment(data) : null;
  useUntil(plan?.isDone ?? false, () => void refetch({ cancelRefetch: false }));
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  return plan === null ? <Skeleton /> : <Shown id={id} request={request} plan={plan} />;
}

/** What a dry run on many targets found. */
export function PlanOfRollout({ id, request }: Made): JSX.Element {
  const { data, error, refetch } = useAsk('getRollout', { params: { id } });
  const plan = data?.id === id ? planOfRollout(data) : null;
  useUntil(plan?.isDone ?? false, () => void refetch({ cancelRefetch: false }));
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  return plan === null ? <Skeleton /> : <Shown id={id} request={request} plan={plan} />;
}

function Shown({ id, request, plan }: Made & { readonly plan: Plan }): JSX.Element {
  return (
    <>
      <header>
        <h2>Plan</h2>
        <span className="muted">
          of bundle{' '}
          <Link to={`/bundles/${plan.bundle}`}>
            <code>{shortDigest(plan.bundle)}</code>
          </Link>
        </span>
        <span className="push muted small">Nothing is changed yet.</span>
      </header>
      <div className="body stack">
        {!plan.isDone && <Progress plan={plan} />}
        <span className="visually-hidden" role="status">
          {plan.isDone && 'The plan is complete.'}
        </span>
        {plan.groups.map((group) => (
          <Group key={`${group.kind} ${group.says} ${group.targets[0]}`} group={group} bundle={plan.bundle} />
        ))}
        {plan.isDone && <StartButton planId={id} request={request} plan={plan} />}
      </div>
    </>
  );
}

function Progress({ plan: { seen, targets, waitingFor } }: { readonly plan: Plan }): JSX.Element {
  return (
    <div className="row" role="status">
      <StatusMark status={waitingFor === null ? 'running' : 'queued'} />
      <span>
        {targets === 1
          ? 'Being looked at.'
          : `${seen.toLocaleString('en')} of ${counted(targets, 'target')} looked at.`}{' '}
        {waitingFor}
      </span>
      {targets > 1 && <progress aria-label="Targets looked at" max={targets} value={seen} />}
    </div>
  );
}

const LOOK: Readonly<Record<Found['kind'], string>> = {
  needs: 'pending',
  behind: 'behind',
  ahead: 'behind',
  current: 'current',
  changed: 'changed',
  refused: 'failed',
  unreachable: 'failed',
  failed: 'failed',
  skipped: 'skipped',
  not_seen: 'never_seen',
};
const MOST_OPEN = 12;

function Group({ group, bundle }: { readonly group: Found; readonly bundle: string }): JSX.Element {
  const { kind, says, files, failure, count, targets } = group;
  const more = count - targets.length;
  return (
    <section className="plan-group" aria-label={says}>
      <StatusMark status={LOOK[kind]} size={16} />
      <div className="stack">
        <strong>{says}</strong>
        {count > 1 || failure !== null ? (
          <p className="muted small">
            {targets.join(', ')}
            {more > 0 && ` and ${more.toLocaleString('en')} more`}
          </p>
        ) : null}
        {failure !== null && (
          <div className="error-box">
            {failure.file !== null && (
              <code>
                {failure.file}
                {failure.line === null ? '' : `:${failure.line}:${failure.column ?? 1}`}
              </code>
            )}
            <span>{failure.message}</span>
            <span className="muted small">{failure.hint}</span>
          </div>
        )}
        {files.length > 0 && (
          <details open={files.length <= MOST_OPEN}>
            <summary>{counted(files.length, 'file')}</summary>
            <ol className="plan-files">
              {files.map(({ path, transactional }) => (
                <li key={path}>
                  <Link to={`/bundles/${bundle}?${new URLSearchParams({ file: path })}`}>
                    <code>{path}</code>
                  </Link>{' '}
                  {transactional === false && <Badge tone="wait">outside a transaction</Badge>}
                </li>
              ))}
            </ol>
          </details>
        )}
      </div>
    </section>
  );
}
