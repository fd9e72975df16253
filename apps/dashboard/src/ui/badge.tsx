import type { JSX, ReactNode } from 'react';
import type { Tone } from './status.ts';

/** A short word about something, set apart: a role, a count, `dry run`. */
export function Badge({ tone, children }: { readonly tone?: Tone; readonly children: ReactNode }): JSX.Element {
  return (
    <span className="badge" data-tone={tone}>
      {children}
    </span>
  );
}

/** The labels of a target. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <span className="row">
      {Object.entries(labels).map(([name, value]) => (
        <Badge key={name}>
          {name}:{value}
        </Badge>
      ))}
    </span>
  );
}
