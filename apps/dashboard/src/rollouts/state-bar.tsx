import type { JSX } from 'react';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { counted } from '../ui/time-text.ts';
import { endedOf, lookOf, type StateCounts, TARGET_STATES } from './rollout.ts';

/** How many of some targets stand where, as one bar; its name says it in words. */
export function StateBar({ counts, total }: { readonly counts: StateCounts; readonly total: number }): JSX.Element {
  const parts = TARGET_STATES.filter((state) => counts[state] > 0);
  const words = parts.map((state) => `${counts[state].toLocaleString('en')} ${statusLook(lookOf(state)).label}`);
  return (
    <span className="state-bar" role="img" aria-label={`Of ${counted(total, 'target')}: ${words.join(', ')}`}>
      {parts.map((state) => (
        <span
          key={state}
          data-state={state}
          data-tone={statusLook(lookOf(state)).tone}
          style={{ flexGrow: counts[state] }}
        />
      ))}
    </span>
  );
}

/** The same in numbers, each state with its shape and its word. */
export function StateNumbers({ counts }: { readonly counts: StateCounts }): JSX.Element {
  return (
    <span className="row state-numbers">
      {TARGET_STATES.filter((state) => counts[state] > 0).map((state) => (
        <span key={state} className="status">
          <StatusMark status={lookOf(state)} size={12} />
          {counts[state].toLocaleString('en')} {statusLook(lookOf(state)).label}
        </span>
      ))}
    </span>
  );
}

/** So many of so many have ended. */
export function EndedText({ counts, total }: { readonly counts: StateCounts; readonly total: number }): JSX.Element {
  return (
    <span className="nowrap">
      {endedOf(counts).toLocaleString('en')} of {total.toLocaleString('en')}
    </span>
  );
}
