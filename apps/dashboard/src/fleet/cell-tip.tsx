import { type JSX, type MouseEvent, useState } from 'react';

interface Shown {
  readonly lines: readonly string[];
  readonly left: number;
  readonly top: number;
  /** There is no room below the cell. */
  readonly isAbove: boolean;
}

/** Shows what `data-tip` of the cell under the pointer says. Screen readers have the cell's own name. */
export function useCellTip(): {
  readonly shown: Shown | null;
  readonly handlers: { onMouseOver: (event: MouseEvent) => void; onMouseLeave: () => void };
} {
  const [shown, setShown] = useState<Shown | null>(null);
  return {
    shown,
    handlers: {
      onMouseOver: (event) => {
        const cell = (event.target as Element).closest<HTMLElement>('[data-tip]');
        if (cell === null) {
          setShown(null);
          return;
        }
        const { left, width, bottom, top } = cell.getBoundingClientRect();
        const isAbove = bottom > innerHeight - 110;
        setShown({
          lines: (cell.dataset['tip'] ?? '').split('\n'),
          left: Math.min(Math.max(left + width / 2, 130), innerWidth - 130),
          top: isAbove ? top - 8 : bottom + 6,
          isAbove,
        });
      },
      onMouseLeave: () => setShown(null),
    },
  };
}

export function CellTip({ tip }: { readonly tip: Shown | null }): JSX.Element | null {
  if (tip === null) return null;
  const [title, ...notes] = tip.lines;
  return (
    <div className="cell-tip" aria-hidden="true" data-above={tip.isAbove} style={{ left: tip.left, top: tip.top }}>
      <strong>{title}</strong>
      {notes.map((note) => (
        <span key={note}>{note}</span>
      ))}
    </div>
  );
}
