import { Fragment, type JSX } from 'react';

/** SQL or other text with its line numbers; a place in it is marked, with a caret below its column. */
export function CodeBlock({
  text,
  firstLine = 1,
  mark,
  label,
}: {
  readonly text: string;
  /** The number of its first line, for a piece of a file. */
  readonly firstLine?: number;
  /** As the API tells places: both from 1. */
  readonly mark?: { readonly line: number; readonly column: number | null } | null;
  /** For screen readers: whose text it is. */
  readonly label: string;
}): JSX.Element {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    // Scrollable, so it can be focused.
    <div className="code" role="region" aria-label={label} tabIndex={0}>
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
            {column !== null && (
              <div className="line" data-marked="true" aria-hidden="true">
                <span className="number" />
                <span className="caret">{`${line.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')}^`}</span>
              </div>
            )}
          </Fragment>
        );
      })}
    </div>
  );
}
