import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Empty } from './empty.tsx';
import { useScrollMargin } from './use-scroll-margin.ts';

/** One column of a table of T. */
export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** As in grid-template-columns: `7rem`, `minmax(10rem, 2fr)`. */
  readonly width: string;
  readonly align?: 'start' | 'end';
  readonly cell: (row: T) => ReactNode;
}

const ROW_PX = 38;
const OVERSCAN = 12;
const PAGE_ROWS = 15;

/**
 * A list of any length: only the rows in sight are in the page. Arrows, Page Up/Down, Home and End move, Enter opens.
 * It scrolls with the window. `onEndReached` asks for the next page of rows.
 */
export function DataTable<T>({
  label,
  columns,
  rows,
  rowKey,
  hrefOf,
  onOpen,
  onEndReached,
  empty,
}: {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Where a row leads. */
  readonly hrefOf?: (row: T) => string;
  /** What opening a row does, where it leads nowhere. */
  readonly onOpen?: (row: T) => void;
  readonly onEndReached?: () => void;
  readonly empty?: ReactNode;
}): JSX.Element {
  const [, navigate] = useLocation();
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const offset = useScrollMargin(body);
  const [active, setActive] = useState(0);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: offset,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - OVERSCAN) onEndReached?.();
  }, [lastShown, rows.length, onEndReached]);

  const opens = hrefOf !== undefined || onOpen !== undefined;
  const open = (row: T | undefined): void => {
    if (row === undefined) return;
    if (hrefOf === undefined) onOpen?.(row);
    else navigate(hrefOf(row));
  };
  const move = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget) return;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: PAGE_ROWS,
      PageUp: -PAGE_ROWS,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, active + step));
      setActive(next);
      virtualizer.scrollToIndex(next, { align: 'auto' });
    } else if (event.key === 'Enter') {
      open(rows[active]);
    }
  };
  if (rows.length === 0 && empty !== undefined) return <div className="panel">{empty}</div>;
  return (
    <div
      className="table"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={rows.length === 0 ? undefined : `${id}-${active}`}
      tabIndex={0}
      onKeyDown={move}
      style={{ '--columns': columns.map(({ width }) => width).join(' ') }}
    >
      <div className="table-head" role="row" aria-rowindex={1}>
        {columns.map((column) => (
          <div key={column.id} role="columnheader" data-align={column.align}>
            {column.title}
          </div>
        ))}
      </div>
      <div className="table-body" role="rowgroup" ref={body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              id={`${id}-${index}`}
              className="table-row"
              role="row"
              aria-rowindex={index + 2}
              data-active={index === active}
              data-opens={opens}
              style={{ height: size, transform: `translateY(${start - offset}px)` }}
              onClick={(event) => {
                setActive(index);
                // A link or button in the row does its own.
                if (!(event.target as Element).closest('a, button')) open(row);
              }}
            >
              {columns.map((column) => (
                <div key={column.id} role="gridcell" className="cut" data-align={column.align}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
        {rows.length === 0 && <Empty title="Nothing here" />}
      </div>
    </div>
  );
}
