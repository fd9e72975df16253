import type { JSX } from 'react';
import { Badge } from '../ui/badge.tsx';
import { counted } from '../ui/time-text.ts';
import type { RolloutDetail } from './rollout.ts';
import { Waiting } from './waiting.tsx';

/** What its targets wait for, those that wait for the same together. */
export function WaitingGroups({ waiting }: Pick<RolloutDetail, 'waiting'>): JSX.Element {
  return (
    <ul className="stack" aria-label="What targets wait for">
      {waiting.map(({ waitingFor, count, targets }) => (
        <li key={JSON.stringify([waitingFor, targets[0]])}>
          <Badge>{counted(count, 'target')}</Badge> <Waiting waitingFor={waitingFor} />
          <div className="muted small cut">
            {targets.join(', ')}
            {count > targets.length && ' …'}
          </div>
        </li>
      ))}
    </ul>
  );
}
