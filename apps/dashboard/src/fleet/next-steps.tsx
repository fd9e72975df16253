import type { JSX } from 'react';
import { Link } from 'wouter';
import { useHasView } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';

/** What somebody who has just begun can do next, as far as their key may; for a fleet of a few targets. */
export function NextSteps(): JSX.Element | null {
  const may = useMay();
  const canStart = useHasView('/start') && may('createDeployment');
  const canRegister = useHasView('/targets') && may('putTarget');
  if (!may('createDeployment')) return null;
  return (
    <section className="next-steps" aria-label="What next">
      <h2>What next?</h2>
      <ul>
        {canStart && (
          <li>
            <Link to="/start">Start a deployment</Link>
            <span className="muted">Bring files to targets. Nothing runs before you confirm.</span>
          </li>
        )}
        {canRegister && (
          <li>
            <Link to="/targets">Register a target</Link>
            <span className="muted">One more Postgres database, under a name. Its DSN is stored encrypted.</span>
          </li>
        )}
        <li>
          <a href="/docs">Call the API</a>
          <span className="muted">All that this page does, for release tooling; described call by call.</span>
        </li>
      </ul>
    </section>
  );
}
