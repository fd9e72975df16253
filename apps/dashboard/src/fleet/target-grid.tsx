import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, memo, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { counted } from '../ui/time-text.ts';
import { useScrollMargin } from '../ui/use-scroll-margin.ts';
import { CellTip } from './cell-tip.tsx';
import type { FleetTarget } from './fleet.ts';
import { type GridRow, layOut, moveInGrid } from './grid-layout.ts';
import type { TargetGroup } from './group-targets.ts';
import { useWidth } from './use-width.ts';

/** Up to so many there is room for names. */
const MOST_NAMED = 120;
const DOT = { width: 26, height: 26, gap: 4 };
const CARD = { width: 176, height: 48, gap: 8 };
const HEADER_PX = 40;

/** Every target as a cell, in groups. Arrows move, Enter opens; while a target is open, moving opens the next. */
export function TargetGrid({
  groups,
  selected,
  onSelect,
}: {
  readonly groups: readonly TargetGroup[];
  readonly selected: string;
  readonly onSelect: (target: string) => void;
}): JSX.Element {
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const width = useWidth(grid);
  const count = groups.reduce((sum, { targets }) => sum + targets.length, 0);
  const size = count <= MOST_NAMED ? CARD : DOT;
  const columns = Math.max(1, Math.floor((width + size.gap) / (size.width + size.gap)));
  const isGrouped = groups.some(({ value }) => value !== null);
  const rows = useMemo(() => layOut(groups, columns, isGrouped), [groups, columns, isGrouped]);
  const [active, setActive] = useState(0);
  const offset = useScrollMargin(grid);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index]?.kind === 'header' ? HEADER_PX : size.height + size.gap),
    overscan: 6,
    scrollMargin: offset,
  });
  // Another layout has rows of other heights.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rows]);

  const open = (name: string | undefined): void => {
    if (name !== undefined) onSelect(name);
  };
  return (
    <div
      ref={grid}
      className="fleet-grid"
      data-size={size === CARD ? 'card' : 'dot'}
      role="grid"
      aria-label={counted(count, 'target')}
      aria-rowcount={rows.length}
      aria-activedescendant={count === 0 ? undefined : `${id}-${active}`}
      tabIndex={0}
      style={{ height: virtualizer.getTotalSize(), '--columns': columns }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          open(nameAt(rows, active));
          return;
        }
        const next = moveInGrid(rows, active, event.key);
        if (next === null) return;
        event.preventDefault();
        setActive(next.index);
        virtualizer.scrollToIndex(next.row, { align: 'auto' });
        if (selected !== '') open(nameAt(rows, next.index));
      }}
      onClick={(event) => {
        const cell = (event.target as Element).closest<HTMLElement>('[data-index]');
        if (cell === null) return;
        setActive(Number(cell.dataset['index']));
        open(cell.dataset['target']);
      }}
    >
      {width > 0 &&
        virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const top = start - offset;
          if (row.kind === 'header') return <Header key={`h${index}`} row={row} top={top} index={index} />;
          const hasActive = active >= row.first && active < row.first + row.targets.length;
          return (
            <CellRow
              key={`r${index}`}
              row={row}
              index={index}
              top={top}
              height={size.height}
              gridId={id}
              active={hasActive ? active : -1}
              selected={row.targets.some(({ target }) => target === selected) ? selected : ''}
            />
          );
        })}
      <CellTip within={grid} />
    </div>
  );
}

function nameAt(rows: readonly GridRow[], index: number): string | undefined {
  for (const row of rows) {
    if (row.kind === 'cells' && index < row.first + row.targets.length) return row.targets[index - row.first]?.target;
  }
  return undefined;
}

function Header({
  row,
  top,
  index,
}: {
  readonly row: Extract<GridRow, { kind: 'header' }>;
  readonly top: number;
  readonly index: number;
}): JSX.Element {
  const { group } = row;
  return (
    <div className="fleet-header" role="row" aria-rowindex={index + 1} style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell" className="row">
        <strong>{group.value ?? 'without this label'}</strong>
        <span className="muted">{group.targets.length.toLocaleString('en')}</span>
        {group.odd.size > 0 && <span className="fleet-odd-count">{group.odd.size} unlike the rest</span>}
      </div>
    </div>
  );
}

const CellRow = memo(function CellRow({
  row,
  index,
  top,
  height,
  gridId,
  active,
  selected,
}: {
  readonly row: Extract<GridRow, { kind: 'cells' }>;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly gridId: string;
  /** The index of the active cell, if it is in this row. */
  readonly active: number;
  readonly selected: string;
}): JSX.Element {
  return (
    <div
      className="fleet-cells"
      role="row"
      aria-rowindex={index + 1}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      {row.targets.map((target, place) => (
        <Cell
          key={target.target}
          id={`${gridId}-${row.first + place}`}
          index={row.first + place}
          target={target}
          isOdd={row.odd.has(target.target)}
          isActive={active === row.first + place}
          isSelected={selected === target.target}
        />
      ))}
    </div>
  );
});

const Cell = memo(function Cell({
  id,
  index,
  target,
  isOdd,
  isActive,
  isSelected,
}: {
  readonly id: string;
  readonly index: number;
  readonly target: FleetTarget;
  readonly isOdd: boolean;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}): JSX.Element {
  const { tone } = statusLook(target.state);
  return (
    <div
      id={id}
      role="gridcell"
      className="fleet-cell"
      data-tone={tone}
      data-state={target.state}
      data-index={index}
      data-target={target.target}
      data-tip={`${target.target}\n${cellNote(target, isOdd)}`}
      data-odd={isOdd}
      data-active={isActive}
      aria-selected={isSelected}
      aria-label={`${target.target} ${cardNote(target)}${isOdd ? ', unlike the rest' : ''}`}
    >
      <StatusMark status={target.state} />
      <span className="fleet-cell-text">
        <span className="cut">{target.target}</span> <span className="cut muted small">{cardNote(target)}</span>
      </span>
    </div>
  );
});

function cardNote(target: FleetTarget): string {
  const at = target.ordinal === null ? '' : `at ${String(target.ordinal).padStart(5, '0')}`;
  const pending = target.pending === null || target.pending === 0 ? '' : `${target.pending} pending`;
  return [statusLook(target.state).label, pending || at].filter(Boolean).join(' · ');
}

function cellNote(target: FleetTarget, isOdd: boolean): string {
  const lastFile = target.lastFile?.replace('deployment/', '') ?? '';
  return [cardNote(target), lastFile, isOdd ? 'unlike the rest of its group' : ''].filter(Boolean).join('\n');
}
