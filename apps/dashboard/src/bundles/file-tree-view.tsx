import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { type TreeFile, type TreeRow, treeRows } from './file-tree.ts';

const ROW_PX = 28;

/** The files of a bundle as a tree: arrows move, left and right close and open folders, Enter shows a file. */
export function FileTree({
  label,
  files,
  selected,
  onSelect,
}: {
  readonly label: string;
  readonly files: readonly TreeFile[];
  readonly selected: string;
  readonly onSelect: (path: string) => void;
}): JSX.Element {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(files, closed), [files, closed]);
  const [active, setActive] = useState<string>(selected);
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === active),
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  // Once: what is chosen may be far down.
  const first = useRef(at);
  useEffect(() => {
    virtualizer.scrollToIndex(first.current, { align: 'auto' });
  }, [virtualizer]);
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(rows[next]?.path ?? '');
    virtualizer.scrollToIndex(next, { align: 'auto' });
  };
  const toggle = (path: string, open: boolean): void =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(path);
      else next.add(path);
      return next;
    });
  const open = (row: TreeRow): void => {
    setActive(row.path);
    if (row.kind === 'file') onSelect(row.path);
    else toggle(row.path, !row.isOpen);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (row === undefined) return;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 15,
      PageUp: at - 15,
      Home: 0,
      End: rows.length - 1,
    };
    const step = steps[event.key];
    if (step !== undefined) moveTo(step);
    else if (event.key === 'Enter' || event.key === ' ') open(row);
    else if (event.key === 'ArrowRight' && row.kind === 'folder') toggle(row.path, true);
    else if (event.key === 'ArrowLeft' && row.kind === 'folder' && row.isOpen) toggle(row.path, false);
    else if (event.key === 'ArrowLeft')
      moveTo(rows.findLastIndex(({ level }, index) => index < at && level < row.level));
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      className="file-tree"
      role="tree"
      aria-label={label}
      aria-activedescendant={rows.length === 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="file-tree-rows" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row !== undefined && (
              <div
                key={row.path}
                id={`${id}-${index}`}
                role="treeitem"
                aria-level={row.level}
                aria-selected={row.path === selected}
                {...(row.kind === 'folder' ? { 'aria-expanded': row.isOpen } : {})}
                className="file-tree-row"
                data-active={index === at}
                title={row.path}
                style={{ height: ROW_PX, transform: `translateY(${start}px)`, '--level': row.level }}
                onClick={() => open(row)}
              >
                <RowText row={row} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function RowText({ row }: { readonly row: TreeRow }): JSX.Element {
  if (row.kind === 'folder') {
    return (
      <>
        <span className="file-tree-fold" data-open={row.isOpen}>
          <Icon name="start" size={9} />
        </span>
        <strong className="cut">{row.name}</strong>
        <span className="push muted small">
          {row.files.toLocaleString('en')}
          <span className="visually-hidden"> files</span>
        </span>
        {row.marked > 0 && !row.isOpen && (
          <span className="small">
            {row.marked}
            <span className="visually-hidden"> of them marked</span>
          </span>
        )}
      </>
    );
  }
  const { status, count } = row.file;
  return (
    <>
      <span className="cut mono">{row.name}</span>
      {status !== null && (
        <span className="push row">
          {count === undefined ? (
            <span className="visually-hidden">, {statusLook(status).label}</span>
          ) : (
            <span className="small">
              {count}
              <span className="visually-hidden"> problems</span>
            </span>
          )}
          <StatusMark status={status} size={12} />
        </span>
      )}
    </>
  );
}
