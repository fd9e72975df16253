import { type JSX, useState } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { counted } from '../ui/time-text.ts';
import { brief, type RolloutDetail } from './rollout.ts';

type Cluster = RolloutDetail['failed'][number];

/** The most frequent come first. */
const MOST_SHOWN = 4;
const MOST_NAMED = 5;

/** What failed, the same failures together, each with one example to look into. */
export function Failures({ failed }: { readonly failed: readonly Cluster[] }): JSX.Element {
  const [isAll, setAll] = useState(false);
  const more = failed.length - MOST_SHOWN;
  return (
    <>
      <ul className="stack failures" aria-label="Failures">
        {(isAll ? failed : failed.slice(0, MOST_SHOWN)).map((cluster) => (
          <li key={`${cluster.deployment} ${cluster.message}`}>
            <Failure cluster={cluster} />
          </li>
        ))}
      </ul>
      {more > 0 && !isAll && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show {counted(more, 'other failure')}
        </Button>
      )}
    </>
  );
}

function Failure({ cluster }: { readonly cluster: Cluster }): JSX.Element {
  const { count, sqlstate, code, file, line, column, sourceLine, message, hint, targets, deployment } = cluster;
  const place = line === null ? '' : `:${line}${column === null ? '' : `:${column}`}`;
  const others = count - Math.min(count, MOST_NAMED);
  return (
    <>
      <div className="row">
        <Badge tone="bad">{counted(count, 'target')}</Badge>
        <code>{sqlstate ?? code}</code>
        {file !== null && (
          <code className="muted">
            {file}
            {place}
          </code>
        )}
      </div>
      <strong>{message}</strong>
      {sourceLine !== null && line !== null && (
        <CodeBlock
          text={sourceLine}
          firstLine={line}
          mark={{ line, column }}
          label={`Line ${line} of ${file ?? 'the file'}`}
        />
      )}
      <span className="muted small">{hint}</span>
      <span className="small prose">
        {targets.slice(0, MOST_NAMED).join(', ')}
        {others > 0 && ` and ${counted(others, 'other')}`} · example:{' '}
        <ViewLink view="/deployments/:id" to={`/deployments/${deployment}`}>
          deployment {brief(deployment)} of {targets[0]}
        </ViewLink>
      </span>
    </>
  );
}
