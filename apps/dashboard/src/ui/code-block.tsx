import { Fragment, type JSX, useEffect, useRef } from 'react';

/** SQL or other text with its line numbers; a place in it is marked, with a caret below its character. */
export function CodeBlock({
  text,
  firstLine = 1,
  mark,
  label,
}: {
  readonly text: string;
  /** The number of its first line, for a piece of a file. */
  readonly firstLine?: number;
  /** As the API tells places: both from 1, columns in characters (code points). */
  readonly mark?: { readonly line: number; readonly column: number | null } | null;
  /** For screen readers: whose text it is. */
  readonly label: string;
}): JSX.Element {
  const block = useRef<HTMLDivElement>(null);
  const place = `${mark?.line}:${mark?.column}`;
  useEffect(() => {
    const caret = block.current?.querySelector<HTMLElement>('.at');
    if (!block.current || !caret) return;
    // Far out in a long line: brought into sight, without moving the page.
    const { left, right } = block.current.getBoundingClientRect();
    const at = caret.getBoundingClientRect();
    if (at.right > right || at.left < left) block.current.scrollLeft += at.left - left - (right - left) / 2;
  }, [place, text]);
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return (
    // Scrollable, so it can be focused.
    <div className="code" role="region" aria-label={label} tabIndex={0} ref={block}>
      {lines.map((line, index) => {
        const number = firstLine + index;
        const isMarked = mark?.line === number;
        const column = isMarked ? (mark?.column ?? null) : null;
        return (
          <Fragment key={number}>
            <div className="line" data-marked={isMarked}>
              <span className="number">{number}</span>
              <span className="text">{line}</span>
            </div>
            {column !== null && <Caret line={line} column={column} />}
          </Fragment>
        );
      })}
    </div>
  );
}

/** Below the very character: what stands before it is there once more, unseen, so that it is as wide in any font. */
function Caret({ line, column }: { readonly line: string; readonly column: number }): JSX.Element {
  const characters = [...line];
  return (
    <div className="line" data-marked="true" aria-hidden="true">
      <span className="number" />
      <span className="caret">
        <span className="before">{characters.slice(0, column - 1).join('')}</span>
        <span className="at" data-character={characters[column - 1] ?? ''}>
          ^
        </span>
      </span>
    </div>
  );
}
