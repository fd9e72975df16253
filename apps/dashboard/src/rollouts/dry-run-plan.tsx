import type { JSX } from 'react';
import { Badge } from '../ui/badge.tsx';
import type { Tone } from '../ui/status.ts';
import { counted } from '../ui/time-text.ts';
import type { RolloutDetail } from './rollout.ts';

type PlanGroup = NonNullable<RolloutDetail['plan']>[number];

const TONES: Partial<Record<PlanGroup['kind'], Tone>> = {
  needs: 'run',
  behind: 'wait',
  ahead: 'odd',
  changed: 'odd',
  current: 'ok',
  refused: 'bad',
  unreachable: 'bad',
  failed: 'bad',
};
const MOST_FILES = 20;

/** What a dry run found: which targets need which files, those with the same together. */
export function DryRunPlan({ plan }: { readonly plan: readonly PlanGroup[] }): JSX.Element {
  return (
    <ul className="stack" aria-label="Plan">
      {plan.map((group) => (
        <li key={`${group.kind} ${group.targets[0]}`} className="panel">
          <div className="body stack">
            <div className="row">
              <Badge tone={TONES[group.kind] ?? 'idle'}>{counted(group.count, 'target')}</Badge>
              <strong>{group.says}</strong>
            </div>
            {group.failure !== null && (
              <p>
                {group.failure.message} <span className="muted">{group.failure.hint}</span>
              </p>
            )}
            {group.files.length > 0 && (
              <ol className="small">
                {group.files.slice(0, MOST_FILES).map((file) => (
                  <li key={file}>
                    <code>{file}</code>
                  </li>
                ))}
                {group.files.length > MOST_FILES && (
                  <li className="muted">and {counted(group.files.length - MOST_FILES, 'more file')}</li>
                )}
              </ol>
            )}
            <p className="muted small">
              {group.targets.join(', ')}
              {group.count > group.targets.length && ` and ${counted(group.count - group.targets.length, 'other')}`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
