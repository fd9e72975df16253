import { type JSX, type RefObject, useEffect, useState } from 'react';

interface Shown {
  readonly lines: readonly string[];
  readonly left: number;
  readonly top: number;
  /** There is no room below the cell. */
  readonly isAbove: boolean;
}

const HALF_WIDTH_PX = 130;
const HEIGHT_PX = 110;

/**
 * Shows what `data-tip` of the cell under the pointer says, its first line as the title. It listens by itself, so that
 * moving over a thousand cells draws none of them anew. Screen readers have the cells' own names.
 */
export function CellTip({ within }: { readonly within: RefObject<HTMLElement | null> }): JSX.Element | null {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    const element = within.current;
    const over = (event: Event): void => {
      const cell = (event.target as Element).closest<HTMLElement>('[data-tip]');
      setShown(cell === null ? null : placeAt(cell));
    };
    const leave = (): void => setShown(null);
    element?.addEventListener('mouseover', over);
    element?.addEventListener('mouseleave', leave);
    // What is opened says all that the tip says.
    element?.addEventListener('click', leave);
    addEventListener('scroll', leave, { passive: true });
    return () => {
      element?.removeEventListener('mouseover', over);
      element?.removeEventListener('mouseleave', leave);
      element?.removeEventListener('click', leave);
      removeEventListener('scroll', leave);
    };
  }, [within]);
  if (shown === null) return null;
  const [title, ...notes] = shown.lines;
  return (
    <div
      className="cell-tip"
      aria-hidden="true"
      data-above={shown.isAbove}
      style={{ left: shown.left, top: shown.top }}
    >
      <strong>{title}</strong>
      {notes.map((note) => (
        <span key={note}>{note}</span>
      ))}
    </div>
  );
}

function placeAt(cell: HTMLElement): Shown {
  const { left, width, bottom, top } = cell.getBoundingClientRect();
  const isAbove = bottom > innerHeight - HEIGHT_PX;
  return {
    lines: (cell.dataset['tip'] ?? '').split('\n'),
    left: Math.min(Math.max(left + width / 2, HALF_WIDTH_PX), innerWidth - HALF_WIDTH_PX),
    top: isAbove ? top - 8 : bottom + 6,
    isAbove,
  };
}
