import type { JSX } from 'react';
import { WaitingForText } from '../deployment/waiting-for.tsx';
import { ViewLink } from '../routing/known-views.tsx';
import { Oldest } from './oldest.tsx';
import { type QueueReason, reasonText } from './queue.ts';

/** Why what waits does wait: each reason once, with how many and the oldest of them. */
export function Reasons({ reasons }: { readonly reasons: readonly QueueReason[] }): JSX.Element {
  return (
    <section className="panel" aria-labelledby="reasons">
      <header>
        <h2 id="reasons">What they wait for</h2>
      </header>
      {reasons.length === 0 ? (
        <p className="body muted">Nothing waits.</p>
      ) : (
        <ul className="reasons">
          {reasons.map(({ kind, count, oldest, example }) => (
            <li key={kind} data-reason={kind}>
              <strong className="reason-count">{count.toLocaleString('en')}</strong>
              <div>
                <div>
                  {reasonText(kind, count)}
                  <span className="muted">
                    , <Oldest at={oldest} isOne={count === 1} />
                  </span>
                </div>
                {example !== null && (
                  <div className="small muted prose reason-example">
                    <ViewLink view="/deployments/:id" to={`/deployments/${example.id}`}>
                      {example.target}
                    </ViewLink>
                    {example.waitingFor !== null && (
                      <>
                        : <WaitingForText waiting={example.waitingFor} />
                      </>
                    )}
                  </div>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
