import type { JSX } from 'react';

/** In the place of what is being asked for, as tall as it will be. */
export function Skeleton({ height = '12rem' }: { readonly height?: string }): JSX.Element {
  return (
    <div role="status">
      <div className="skeleton" style={{ height }} />
      <span className="visually-hidden">Loading</span>
    </div>
  );
}
