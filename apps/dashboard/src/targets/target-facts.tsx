import type { JSX } from 'react';
import type { Answer } from '../api/client.ts';
import { ViewLink } from '../routing/known-views.tsx';
import { Status } from '../ui/status-mark.tsx';
import { Time } from '../ui/time.tsx';

/** What a target is, and how it was last seen. */
export function TargetFacts({ target }: { readonly target: Answer<'getTarget'> }): JSX.Element {
  const { host, port, database, user, tls, dsnEnv, ledger, lastDeployment } = target;
  return (
    <div className="target-facts">
      <dl className="facts">
        <dt>Database</dt>
        <dd>{database ?? 'as its variable says'}</dd>
        <dt>Server</dt>
        <dd>{host === null ? 'as its variable says' : `${host}:${port ?? 5432}`}</dd>
        <dt>User</dt>
        <dd>{user ?? '–'}</dd>
        <dt>DSN</dt>
        <dd>{dsnEnv === null ? 'stored encrypted' : <code>{dsnEnv}</code>}</dd>
        {tls !== null && (
          <>
            <dt>TLS</dt>
            <dd>{tls}</dd>
          </>
        )}
      </dl>
      <dl className="facts">
        <dt>Last seen</dt>
        <dd>{ledger === null ? 'never' : <Time at={ledger.readAt} />}</dd>
        <dt>Server version</dt>
        <dd>{ledger?.serverVersion ?? '–'}</dd>
        <dt>Create</dt>
        <dd>{ledger?.create ?? '–'}</dd>
        <dt>Last file</dt>
        <dd>
          {ledger?.lastDeploymentFile ? (
            <>
              <code>{ledger.lastDeploymentFile.path.replace('deployment/', '')}</code>{' '}
              <Time at={ledger.lastDeploymentFile.appliedAt} />
            </>
          ) : (
            'none'
          )}
        </dd>
      </dl>
      <dl className="facts">
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
        <dt>lock_timeout</dt>
        <dd>{target.lockTimeoutMs ?? 5000} ms</dd>
        <dt>statement_timeout</dt>
        <dd>{target.statementTimeoutMs === null ? 'none' : `${target.statementTimeoutMs} ms`}</dd>
        <dt>Pooler</dt>
        <dd>{target.acceptPooler ? 'in session mode' : 'none'}</dd>
        <dt>Registered</dt>
        <dd>
          <Time at={target.createdAt} />
        </dd>
      </dl>
    </div>
  );
}
