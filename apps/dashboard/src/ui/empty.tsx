import type { JSX, ReactNode } from 'react';

/** Instead of a list that is empty: why, and what to do to fill it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): JSX.Element {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
