import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type JSX, memo, useId, useMemo, useRef, useState } from 'react';
import { useAsk } from '../api/hooks.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { useScrollMargin } from '../ui/use-scroll-margin.ts';
import { CellTip } from './cell-tip.tsx';
import { type FileMatrix, fileMatrix, type FileState, type MatrixFile } from './file-matrix.ts';
import type { FleetTarget } from './fleet.ts';

const ROW_PX = 30;
const MOST_FILES = 24;
const HEAD_PX = 64;
/** A target that came after the matrix was asked for. */
const NOT_KNOWN: readonly FileState[] = [];

/** Targets against the last files of deployment/, those of the bundle and what targets have besides. */
export function FileMatrixView({
  bundle,
  targets,
  selected,
  onSelect,
}: {
  readonly bundle: string | null;
  readonly targets: readonly FleetTarget[];
  readonly selected: string;
  readonly onSelect: (target: string) => void;
}): JSX.Element {
  const { data, error, refetch } = useAsk('getFleetFiles', {
    query: { last: MOST_FILES, ...(bundle === null ? {} : { bundle }) },
  });
  const matrix = useMemo(() => data && fileMatrix(data), [data]);
  if (error !== null) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (matrix === undefined) return <Skeleton height="20rem" />;
  if (matrix.files.length === 0) {
    return (
      <Empty title="No files of deployment/">
        <p>{bundle === null ? 'No target was seen to have any.' : 'Neither this bundle nor any target has some.'}</p>
      </Empty>
    );
  }
  return <Matrix matrix={matrix} targets={targets} selected={selected} onSelect={onSelect} />;
}

function Matrix({
  matrix: { files, states },
  targets,
  selected,
  onSelect,
}: {
  readonly matrix: FileMatrix;
  readonly targets: readonly FleetTarget[];
  readonly selected: string;
  readonly onSelect: (target: string) => void;
}): JSX.Element {
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const offset = useScrollMargin(body);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const virtualizer = useWindowVirtualizer({
    count: targets.length,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollMargin: offset,
  });
  const move = (key: string): boolean => {
    const steps: Readonly<Record<string, [rows: number, columns: number]>> = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      PageDown: [15, 0],
      PageUp: [-15, 0],
      Home: [0, -files.length],
      End: [0, files.length],
    };
    const step = steps[key];
    if (step === undefined) return false;
    const row = Math.max(0, Math.min(targets.length - 1, active.row + step[0]));
    const column = Math.max(0, Math.min(files.length, active.column + step[1]));
    setActive({ row, column });
    virtualizer.scrollToIndex(row, { align: 'auto' });
    const next = targets[row];
    if (selected !== '' && step[0] !== 0 && next !== undefined) onSelect(next.target);
    return true;
  };
  return (
    <div
      ref={grid}
      className="matrix"
      role="grid"
      aria-label="Targets and the last files"
      aria-rowcount={targets.length + 1}
      aria-colcount={files.length + 1}
      aria-activedescendant={`${id}-${active.row}-${active.column}`}
      tabIndex={0}
      style={{ '--files': files.length }}
      onKeyDown={(event) => {
        const target = targets[active.row];
        if (event.key === 'Enter' && target !== undefined) onSelect(target.target);
        else if (!move(event.key)) return;
        event.preventDefault();
      }}
      onClick={(event) => {
        const row = (event.target as Element).closest<HTMLElement>('[data-target]');
        const name = row?.dataset['target'];
        if (name === undefined) return;
        setActive({ row: Number(row?.dataset['index']), column: 0 });
        onSelect(name);
      }}
    >
      <div className="matrix-row matrix-head" role="row" aria-rowindex={1} style={{ height: HEAD_PX }}>
        <div role="columnheader" className="matrix-name">
          target
        </div>
        {files.map(({ path, ordinal }) => (
          <div key={path} role="columnheader" data-tip={path} aria-label={path.replace('deployment/', '')}>
            <span>{ordinal}</span>
          </div>
        ))}
      </div>
      <div ref={body} role="rowgroup" className="matrix-body" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const target = targets[index];
          if (target === undefined) return null;
          return (
            <MatrixRow
              key={target.target}
              target={target}
              files={files}
              states={states.get(target.target) ?? NOT_KNOWN}
              index={index}
              top={start - offset}
              gridId={id}
              activeColumn={active.row === index ? active.column : -1}
              isSelected={selected === target.target}
            />
          );
        })}
      </div>
      <CellTip within={grid} />
    </div>
  );
}

const MatrixRow = memo(function MatrixRow({
  target,
  files,
  states,
  index,
  top,
  gridId,
  activeColumn,
  isSelected,
}: {
  readonly target: FleetTarget;
  readonly files: readonly MatrixFile[];
  readonly states: readonly FileState[];
  readonly index: number;
  readonly top: number;
  readonly gridId: string;
  readonly activeColumn: number;
  readonly isSelected: boolean;
}): JSX.Element {
  return (
    <div
      className="matrix-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-index={index}
      data-target={target.target}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
    >
      <div
        id={`${gridId}-${index}-0`}
        role="rowheader"
        className="matrix-name cut"
        data-active={activeColumn === 0}
        data-tip={`${target.target}\n${statusLook(target.state).label}`}
      >
        <StatusMark status={target.state} size={12} /> {target.target}
      </div>
      {files.map(({ path }, place) => {
        const state = states[place] ?? 'never_seen';
        const { tone, label } = statusLook(state);
        return (
          <div
            key={path}
            id={`${gridId}-${index}-${place + 1}`}
            role="gridcell"
            className="matrix-cell"
            data-tone={tone}
            data-state={state}
            data-active={activeColumn === place + 1}
            data-tip={`${path.replace('deployment/', '')}\n${label} on ${target.target}`}
            aria-label={label}
          >
            <StatusMark status={state} size={11} />
          </div>
        );
      })}
    </div>
  );
});
