import type { JSX } from 'react';
import { useAsk } from '../api/hooks.ts';
import { StatusMark } from '../ui/status-mark.tsx';
import { Time } from '../ui/time.tsx';

/** The freezes that stand over a target with these labels: nothing starts there. */
export function FreezeNotes({ labels }: { readonly labels: Readonly<Record<string, string>> }): JSX.Element | null {
  const { data } = useAsk('listFreezes', { query: {} });
  const over = (data?.items ?? []).filter((freeze) =>
    Object.entries(freeze.labels).every(([name, value]) => labels[name] === value),
  );
  if (over.length === 0) return null;
  return (
    <ul className="stack">
      {over.map(({ id, reason, createdBy, createdAt }) => (
        <li key={id} className="panel" data-tone="wait">
          <div className="body row">
            <StatusMark status="paused" />
            <span>
              <strong>Frozen: nothing starts here.</strong> {reason} <span className="muted">{createdBy},</span>{' '}
              <Time at={createdAt} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}
