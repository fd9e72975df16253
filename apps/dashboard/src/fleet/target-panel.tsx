import { type JSX, useEffect, useState } from 'react';
import { useAct, useAsk } from '../api/hooks.ts';
import { useHasView, ViewLink } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Labels } from '../ui/badge.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { Status } from '../ui/status-mark.tsx';
import { counted } from '../ui/time-text.ts';
import { Time } from '../ui/time.tsx';
import { useToast } from '../ui/toast.tsx';
import { explain } from './explain.ts';
import type { FleetTarget } from './fleet.ts';

/** One target beside the fleet: why it is as it is, and what comes next. */
export function TargetPanel({
  target,
  bundle,
  alike,
  onClose,
}: {
  readonly target: FleetTarget;
  /** What it is held against. */
  readonly bundle: string | null;
  /** How many of the fleet have the same files applied, this one among them. */
  readonly alike: number;
  readonly onClose: () => void;
}): JSX.Element {
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      // Of a dialog that is open it is the dialog's.
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) onClose();
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, [onClose]);
  const { why, next } = explain(target, bundle !== null);
  return (
    <aside className="panel target-panel" aria-label={`Target ${target.target}`}>
      <header>
        <h2 className="cut">
          <ViewLink view="/targets/:name" to={`/targets/${encodeURIComponent(target.target)}`}>
            {target.target}
          </ViewLink>
        </h2>
        <span className="push">
          <Button kind="quiet" aria-label="Close" title="Close (Escape)" onClick={onClose}>
            <Icon name="close" />
          </Button>
        </span>
      </header>
      <div className="body stack">
        <Status status={target.state} />
        <p>
          {why} {next}
        </p>
        {target.state === 'failed' && target.lastDeployment !== null && <Failure id={target.lastDeployment.id} />}
        <Files title="Applied with other bytes" paths={target.changed} />
        <Files title="Applied, not in the bundle" paths={target.missing} />
        <Facts target={target} alike={alike} />
        <Labels labels={target.labels} />
        <Actions target={target} bundle={bundle} />
      </div>
    </aside>
  );
}

function Facts({ target, alike }: { readonly target: FleetTarget; readonly alike: number }): JSX.Element {
  const { lastFile, lastContact, lastDeployment, fingerprint } = target;
  return (
    <dl className="facts">
      <dt>Last file</dt>
      <dd>{lastFile === null ? 'none' : <code>{lastFile.replace('deployment/', '')}</code>}</dd>
      <dt>Last seen</dt>
      <dd>{lastContact === null ? 'never' : <Time at={lastContact} />}</dd>
      <dt>Last deployment</dt>
      <dd>
        {lastDeployment === null ? (
          'none'
        ) : (
          <ViewLink view="/deployments/:id" to={`/deployments/${lastDeployment.id}`}>
            <span className="row">
              <Status status={lastDeployment.status} /> <Time at={lastDeployment.createdAt} />
            </span>
          </ViewLink>
        )}
      </dd>
      {fingerprint !== null && (
        <>
          <dt>Same files applied</dt>
          <dd>{alike === 1 ? 'this one alone' : counted(alike, 'target')}</dd>
        </>
      )}
    </dl>
  );
}

/** What its last deployment ended with, down to the place. */
function Failure({ id }: { readonly id: string }): JSX.Element | null {
  const { data } = useAsk('getDeployment', { params: { id } });
  const failure = data?.failure;
  if (failure === null || failure === undefined) return null;
  const place = failure.line === null ? '' : `:${failure.line}${failure.column === null ? '' : `:${failure.column}`}`;
  return (
    <div className="error-box">
      {failure.file !== null && (
        <code>
          {failure.file}
          {place}
        </code>
      )}
      <span>{failure.message}</span>
      <span className="muted small">{failure.hint}</span>
    </div>
  );
}

function Files({ title, paths }: { readonly title: string; readonly paths: readonly string[] }): JSX.Element | null {
  if (paths.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className="small">
        {paths.map((path) => (
          <li key={path} className="cut" title={path}>
            <code>{path.replace('deployment/', '')}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Actions({
  target,
  bundle,
}: {
  readonly target: FleetTarget;
  readonly bundle: string | null;
}): JSX.Element | null {
  const may = useMay();
  const toast = useToast();
  const canStart = useHasView('/start');
  const look = useAct('createDeployment');
  const [isAsking, setAsking] = useState(false);
  if (!may('createDeployment')) return null;
  return (
    <div className="row">
      {canStart && (
        <ButtonLink
          kind="primary"
          to={`/start?${new URLSearchParams({ target: target.target, ...(bundle === null ? {} : { bundle }) })}`}
        >
          Deploy…
        </ButtonLink>
      )}
      <Button onClick={() => setAsking(true)}>Look anew…</Button>
      {isAsking && (
        <ConfirmDialog
          title={`Look at ${target.target} anew?`}
          confirmLabel="Look anew"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await look.mutateAsync({
              body: { target: target.target, mode: 'deployment', dryRun: true, ...(bundle === null ? {} : { bundle }) },
            });
            toast(`A worker looks at ${target.target}; what it sees will show here.`);
          }}
        >
          <p>
            A dry run: a worker connects, reads what is applied there, and plans what a deployment would do. Nothing is
            changed.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
